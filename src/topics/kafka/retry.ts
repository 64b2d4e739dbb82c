import type { RetryOptions } from "kafkajs";

const FIRST_MS = 100;
const MAX_MS = 2_000;

/** kafkajs counts tries; this is as many as fill the time. Every field is given: under NODE_ENV=test kafkajs has defaults of its own. */
export function retryFor(seconds: number): Required<Omit<RetryOptions, "restartOnFailure">> {
  let retries = 0;
  for (let waited = 0, pause = FIRST_MS; waited < seconds * 1000; pause = Math.min(pause * 2, MAX_MS), retries++) waited += pause;
  return { initialRetryTime: FIRST_MS, maxRetryTime: MAX_MS, multiplier: 2, factor: 0.2, retries };
}
