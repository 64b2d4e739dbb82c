import { join } from "node:path";
import Bree from "bree";

/** How the process of a run has ended. */
export interface RunEnd {
  readonly code?: number | null;
  readonly signal?: string | null;
  /** It could not be started. */
  readonly error?: string;
  /** What it was ended for. */
  readonly stopped?: "timed_out" | "scheduler_stopped";
}

export interface Execution {
  /** Its name among those that run. */
  name: string;
  command: readonly string[];
  logFile: string;
  /** What it may take before it says that it works: its start, and the wait for others. */
  startSeconds: number;
  /** 0: no limit. */
  timeoutSeconds: number;
}

export interface Executor {
  /** Resolves when nothing of its process group is left. */
  run(execution: Execution): Promise<RunEnd>;
  /** Asks all that run to stop, and ends those that do not. */
  stopAll(): Promise<void>;
}

/** Runs commands in Bree's workers, one each; what is to run when is the planner's business, not Bree's. */
export function createExecutor({ cwd, killSeconds }: { cwd: string; killSeconds: number }): Executor {
  const ends = new Map<string, RunEnd>();
  const bree = new Bree({
    root: false,
    logger: false,
    removeCompleted: true,
    errorHandler: (error, { name }) => void ends.set(name, { error: String(error), ...ends.get(name) }),
    workerMessageHandler: ({ name, message }) => void ends.set(name, message as RunEnd),
  });
  return {
    async run({ name, ...execution }) {
      const { startSeconds, timeoutSeconds } = execution;
      const closeAfterMs = (startSeconds + timeoutSeconds + 2 * killSeconds + 60) * 1000;
      await bree.add({
        name,
        path: join(import.meta.dirname, "worker.mjs"),
        timeout: false,
        interval: 0,
        // For a worker that does not do its duty; its process notices that it is gone, and ends.
        ...(timeoutSeconds === 0 ? {} : { closeWorkerAfterMs: closeAfterMs }),
        worker: { workerData: { ...execution, cwd, killSeconds } },
      });
      const deleted = new Promise<void>((done) => {
        const onDeleted = (gone: string): void => {
          if (gone !== name) return;
          bree.off("worker deleted", onDeleted);
          done();
        };
        bree.on("worker deleted", onDeleted);
      });
      await bree.run(name);
      await deleted;
      const end = ends.get(name) ?? {};
      ends.delete(name);
      return end;
    },
    stopAll: () => bree.stop(),
  };
}
