import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../core/context.ts";
import { CriticalError, describeError, TransientError } from "../core/errors.ts";
import { createBreaker, type Breaker } from "../core/stream-breaker.ts";

/** Thrown out of a wait when the run is to stop: what was under way is not committed, so the next run does it again. */
export class Stopped extends Error {}

export function sinkBreaker(name: string, { settings, log }: Pick<Context, "settings" | "log">): Breaker {
  return createBreaker({
    firstSeconds: settings.STREAM_RETRY_BACKOFF_SECONDS,
    maxSeconds: settings.STREAM_RETRY_BACKOFF_MAX_SECONDS,
    failures: settings.STREAM_BREAKER_FAILURES,
    openSeconds: settings.STREAM_BREAKER_SECONDS,
    onChange: (state) =>
      log[state === "open" ? "error" : "info"](
        `${name}: breaker ${state}${state === "open" ? `: tried again about every ${settings.STREAM_BREAKER_SECONDS} s` : ""}`,
      ),
  });
}

/** Does it until it succeeds: a TransientError is tried again when the breaker says so, for ever; any other error is thrown. @throws Stopped */
export async function persistently<R>(
  name: string,
  breaker: Breaker,
  { signal, log }: Pick<Context, "signal" | "log">,
  work: () => Promise<R>,
): Promise<R> {
  for (;;) {
    if (signal.aborted) throw new Stopped();
    try {
      const result = await work();
      breaker.success();
      return result;
    } catch (error) {
      if (signal.aborted && !(error instanceof CriticalError)) throw new Stopped("", { cause: error });
      if (!(error instanceof TransientError)) throw error;
      const pause = breaker.failure(error);
      log.warn(`${name}: failed, tried again in ${(pause / 1000).toFixed(1)} s`, { error: describeError(error) });
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      breaker.retrying();
    }
  }
}
