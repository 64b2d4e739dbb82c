import { setTimeout as sleep } from "node:timers/promises";
import { TransientError } from "../../core/errors.ts";

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/**
 * How long a server that is down or overloaded is tried again: until nothing at all has got through for the given time, whichever
 * request it was. All requests of a run share one, so that they give up together.
 */
export interface Patience {
  /** Something got through. */
  progress(): void;
  /**
   * Waits before a further try: longer each time, and not the same for all. `why`: what the server answered, or that it did not.
   * @throws TransientError `elasticsearch_unavailable` when patience has run out; the signal's reason when it is aborted
   */
  pause(attempt: number, since: number, why: string | Error): Promise<void>;
}

export interface PatienceOptions {
  seconds: number;
  place: string;
  signal: AbortSignal;
}

export function createPatience({ seconds, place, signal }: PatienceOptions): Patience {
  let last = -Infinity;
  const outOf = (why: string | Error): TransientError => {
    const what =
      typeof why === "string"
        ? `took nothing for ${seconds} s (${why}): see that it has room`
        : `cannot be reached (${why.message}; tried for ${seconds} s): see that it runs there`;
    return new TransientError(
      "elasticsearch_unavailable",
      `serving: Elasticsearch at ${place} ${what}, or raise ELASTICSEARCH_RETRY_SECONDS; then run the job again`,
      typeof why === "string" ? undefined : { cause: why.cause ?? why },
    );
  };
  return {
    progress: () => void (last = performance.now()),
    async pause(attempt, since, why) {
      signal.throwIfAborted();
      const left = Math.max(since, last) + seconds * 1000 - performance.now();
      if (left <= 0) throw outOf(why);
      const whole = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
      await sleep(Math.min(whole * (0.5 + Math.random() / 2), left), undefined, { signal }).catch(() => signal.throwIfAborted());
    },
  };
}
