import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../core/context.ts";
import { describeError } from "../core/errors.ts";
import type { ProcessKind, Sample } from "../core/metrics.ts";
import type { Settings } from "../core/settings.ts";
import { createMetrics, type Metrics } from "./metrics-registry.ts";
import { ownIdentity } from "./process-state-identity.ts";
import { readProcesses, removeState, statesDir, type ProcessState } from "./process-state-read.ts";

export { readProcesses, type ProcessState };

export interface ProcessAnnouncement extends Pick<Context, "log" | "now"> {
  settings: Pick<Settings, "STATE_DIR">;
  kind: ProcessKind;
  /** The spider's, the stream's, the job's; of what there is one of, its kind again. */
  name: string;
  /** What it has counted so far. Asked every 2 seconds: it must cost nothing. */
  samples?: () => readonly Sample[];
  /** What others want to know of it, as JSON. */
  details?: () => Readonly<Record<string, unknown>>;
}

export interface AnnouncedProcess extends AsyncDisposable {
  /** As it is at this moment. */
  state(): Promise<ProcessState>;
  /** Writes it now: something has changed that others should know. */
  update(): Promise<void>;
  /** It serves /metrics at this port. */
  serves(port: number | undefined): void;
  /** The file is removed. */
  close(): Promise<void>;
}

const EVERY_MS = 2_000;
/** Failures in a row that are told of: a disk that is full ends the work itself, which says so. */
const PATIENT = 3;

/**
 * Tells the project's other processes that this one is here and how it is, in `STATE_DIR/processes`, until it is closed. The file is there when this
 * returns, and appears whole (rename; no fsync: after a power cut the process is gone as well). Where it cannot be written the work goes on.
 */
export function announceProcess({ settings, kind, name, log, now, samples, details }: ProcessAnnouncement): AnnouncedProcess {
  const dir = statesDir(settings);
  const file = join(dir, `${kind}-${name.replace(/[^\w.-]/g, "_")}-${process.pid}.json`);
  const identity = ownIdentity();
  const startedAt = now().toISOString();
  let worker = 0;
  let port: number | undefined;
  let metrics: Promise<Metrics> | undefined;
  let last: { samples: readonly Sample[]; details: Readonly<Record<string, unknown>> } = { samples: [], details: {} };
  let lastMetrics: ProcessState["metrics"] = [];
  let closed = false;
  let failures = 0;

  /** What counts may have ended just before: then its last numbers stand. */
  function look(): void {
    if (closed) return;
    try {
      last = { samples: samples?.() ?? [], details: details?.() ?? {} };
    } catch (error) {
      log.debug(`${name}: its counts cannot be read`, { error: describeError(error) });
    }
  }

  const stateNow = (): ProcessState => ({
    ...identity,
    kind,
    name,
    worker,
    startedAt,
    writtenAt: now().toISOString(),
    ...(port === undefined ? {} : { metricsPort: port }),
    metrics: lastMetrics,
    details: last.details,
  });

  async function state(): Promise<ProcessState> {
    look();
    metrics ??= createMetrics(kind);
    lastMetrics = await (await metrics).read(last.samples);
    return stateNow();
  }

  function failed(error: unknown): void {
    if (++failures !== PATIENT) return;
    log.warn(`${name}: others cannot see how it is: ${file} cannot be written`, { error: describeError(error) });
  }

  /** What others must not miss even now. */
  function writeAtOnce(): void {
    try {
      mkdirSync(dir, { recursive: true });
      writeFileSync(`${file}.now.new`, JSON.stringify(stateNow()));
      renameSync(`${file}.now.new`, file);
    } catch (error) {
      failed(error);
    }
  }

  async function write(): Promise<void> {
    try {
      const text = JSON.stringify(await state());
      await writeFile(`${file}.new`, text);
      if (closed) await rm(`${file}.new`, { force: true });
      else await rename(`${file}.new`, file);
      failures = 0;
    } catch (error) {
      failed(error);
    }
  }

  /** One after the other, and none that would only repeat one that waits already. */
  let writing: Promise<void> = Promise.resolve();
  let queued: Promise<void> | undefined;
  function update(): Promise<void> {
    queued ??= writing.then(() => {
      queued = undefined;
      writing = closed ? Promise.resolve() : write();
      return writing;
    });
    return queued;
  }

  const others = readProcesses(settings, now()).filter((other) => other.kind === kind && other.name === name);
  while (others.some((other) => other.worker === worker)) worker++;
  look();
  writeAtOnce();
  // The first metrics come with the first tick: to load what measures them takes 0.1 s of CPU, which what is done sooner need not spend.
  const timer = setInterval(() => void update(), EVERY_MS).unref();

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    clearInterval(timer);
    await (queued ?? writing);
    removeState(file);
  }

  return {
    state,
    update,
    serves(at) {
      port = at;
      if (!closed) writeAtOnce();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
