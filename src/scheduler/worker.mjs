// Bree's worker, a thread: does one run as a process group of its own, that can be ended whatever it does. (Ending a thread inside
// native code is not safe; a process is.) Plain JavaScript, for a thread has no loader for anything else.
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

const { command, cwd, logFile, startSeconds, timeoutSeconds, killSeconds } = workerData;
/** setTimeout takes no more; one that is longer would end at once. */
const LONGEST_MS = 2 ** 31 - 1;
const ACKNOWLEDGE_MS = 2000;

const log = openSync(logFile, "a");
const [file, ...args] = command;
const child = spawn(file, args, { cwd, detached: true, stdio: ["ignore", log, log, "ipc"] });
closeSync(log);

let stopped;
const timers = [];
const after = (seconds, work) => timers.push(setTimeout(() => work(), Math.min(seconds * 1000, LONGEST_MS)));

function signalGroup(signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left.
  }
}

/** Says why, so that the run can write it down; then SIGTERM for the others in its group; then SIGKILL for all. */
function stop(why) {
  if (stopped !== undefined) return;
  stopped = why;
  if (child.connected) child.send({ stop: why }, () => undefined);
  timers.push(setTimeout(() => signalGroup("SIGTERM"), ACKNOWLEDGE_MS));
  after(killSeconds, () => signalGroup("SIGKILL"));
}

child.on("message", (message) => {
  if (message.stopping === true) signalGroup("SIGTERM");
  if (message.working === true && stopped === undefined) {
    for (const timer of timers.splice(0)) clearTimeout(timer);
    if (timeoutSeconds > 0) after(timeoutSeconds, () => stop("timed_out"));
  }
});
parentPort.on("message", (message) => {
  if (message === "cancel") stop("scheduler_stopped");
});

// Until it has what it waits for, it is given the time to wait: a timeout is about work.
if (timeoutSeconds > 0) after(startSeconds + timeoutSeconds, () => stop("timed_out"));

function end(result) {
  for (const timer of timers) clearTimeout(timer);
  signalGroup("SIGKILL"); // what it started ends with it
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort.postMessage({ ...result, stopped });
  parentPort.close();
}
child.once("error", (error) => {
  if (child.pid === undefined) end({ error: error.message });
});
child.once("exit", (code, signal) => end({ code, signal }));
