import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../core/context.ts";
import { describeError } from "../core/errors.ts";
import type { Sample } from "../core/metrics.ts";
import type { Project } from "./project.ts";
import { streamLags, type GroupLag } from "./stream-lags.ts";

export interface LagReader {
  /** The lags as samples; none of a topic that does not answer. Never waits for long. */
  read(): Promise<Sample[]>;
}

export interface LagReaderOptions extends Pick<Context, "settings" | "log" | "now"> {
  project: Project;
  /** How long who asks is kept waiting for topics that are slow to answer. */
  patienceMs?: number;
}

const PATIENCE_MS = 2_000;
/** A topic is not asked more often; what it said counts for so long when it does not answer any more. */
const FRESH_MS = 5_000;
const STALE_MS = 60_000;

/** The lag of the project's streams, asked in the background so that a topic that hangs holds up nobody. */
export function createLagReader({ project, settings, log, now, patienceMs = PATIENCE_MS }: LagReaderOptions): LagReader {
  let known: { at: number; lags: readonly GroupLag[] } = { at: -Infinity, lags: [] };
  let asking: Promise<void> | undefined;
  let told = false;

  async function ask(): Promise<void> {
    const signal = AbortSignal.timeout(settings.HEALTH_TIMEOUT_SECONDS * 1000);
    try {
      const lags = await streamLags(project, { settings, log, now, signal });
      known = { at: performance.now(), lags };
      told = false;
    } catch (error) {
      if (!told) log.warn("metrics: the lag of streams is not known", { error: describeError(error) });
      told = true;
    }
  }

  return {
    async read() {
      if (performance.now() - known.at > FRESH_MS) {
        asking ??= ask().finally(() => (asking = undefined));
        const enough = new AbortController();
        await Promise.race([asking, sleep(patienceMs, undefined, { signal: enough.signal }).catch(() => undefined)]);
        enough.abort();
      }
      if (performance.now() - known.at > STALE_MS) return [];
      return known.lags.flatMap(({ topic, group, lag }): Sample[] =>
        lag === undefined ? [] : [{ name: "arachne_topic_lag_messages", labels: { topic, group }, value: lag }],
      );
    },
  };
}
