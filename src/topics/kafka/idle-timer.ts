import RequestQueue from "kafkajs/src/network/requestQueue/index.js";

// oxlint-disable-next-line typescript/unbound-method -- called with its `this` below
const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;

/**
 * kafkajs 2.2.4 arms a timer after each request even where nothing waits, with a negative time, and that timer arms the next:
 * every idle connection wakes up a thousand times a second, and Node >= 22 prints a TimeoutNegativeWarning. Only a queue
 * that holds something needs it (github.com/tulios/kafkajs/issues/1751).
 */
RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
  if (this.pending.length > 0) schedule.call(this);
};
