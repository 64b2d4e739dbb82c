import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { endAll, mark, markedProcesses, signal as sendSignal, SUPERVISED_CHILD } from "./supervise-marked.ts";
import { wholeLines } from "./supervise-lines.ts";
import type { ProcessEnd } from "./supervise-policy.ts";

export interface ProcessOptions {
  name: string;
  command: readonly string[];
  cwd: string;
  /** Part of the mark: see `mark`. */
  stateDir: string;
  stopSeconds: number;
  onStart: (pid: number) => void;
  /** It has said that it ends well when it is asked to. */
  onReady: () => void;
  /** Whole lines of what it prints. */
  onLines: (lines: string) => void;
  /** Aborted: it is asked to stop, and ended when it has not after `stopSeconds`. */
  stop: AbortSignal;
  /** Aborted: it is ended at once. */
  force: AbortSignal;
}

export interface ProcessOutcome extends ProcessEnd {
  /** Processes that not even SIGKILL has ended. */
  readonly left: readonly number[];
}

/** What a run's descendants get that end by themselves when it is gone: jobs of a scheduler that was killed take up to ten seconds. */
const REMAINS_KILL_MS = 15_000;
const REMAINS_ASK_MS = 2000;

/** Runs a process, in a group of its own, to its end; resolves when nothing is left of it and of what it has started. */
export async function runProcess(o: ProcessOptions): Promise<ProcessOutcome> {
  const began = performance.now();
  const [file, ...args] = o.command;
  const child = spawn(file!, args, {
    cwd: o.cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...mark(o.stateDir, o.name), [SUPERVISED_CHILD]: String(o.stopSeconds) },
  });
  const end = ended(child);
  const { pid } = child;
  if (pid === undefined) return { ...(await end), ranMs: 0, left: [] };
  o.onStart(pid);
  child.on("message", (message) => {
    if (typeof message === "object" && message !== null && "ready" in message) o.onReady();
  });
  const outputs = [child.stdout!, child.stderr!].map((stream) => {
    const lines = wholeLines(o.onLines);
    stream.on("data", (chunk: Buffer) => lines.push(chunk));
    stream.on("error", () => undefined);
    return { lines, closed: new Promise<void>((done) => void stream.once("close", done)) };
  });

  const stopping = stopProcess(pid, o);
  const how = await end;
  const ranMs = performance.now() - began;
  stopping.done();
  const left = await endAll(() => markedProcesses(o.stateDir, o.name), {
    askAfterMs: REMAINS_ASK_MS,
    killAfterMs: REMAINS_KILL_MS,
    force: o.force,
  });
  // What has shed the mark, and where there is no /proc to find it by. A number is given again only when its group is empty: then it is another's.
  if (!sendSignal(pid, 0)) sendSignal(-pid, "SIGKILL");
  // Nobody is left to write into the pipes: what is in them comes now.
  await Promise.race([Promise.all(outputs.map((output) => output.closed)), sleep(1000)]);
  for (const { lines } of outputs) lines.end();
  return { ...how, ranMs, left };
}

function ended(child: ChildProcess): Promise<Omit<ProcessEnd, "ranMs">> {
  return new Promise((done) => {
    child.once("exit", (code, signal) => done({ code, signal }));
    child.on("error", (error) => {
      if (child.pid === undefined) done({ code: null, signal: null, error: error.message });
    });
  });
}

/** SIGTERM goes to the process alone: how those end that it has started is its own business, until its time is up. */
function stopProcess(pid: number, { stop, force, stopSeconds }: Pick<ProcessOptions, "stop" | "force" | "stopSeconds">): { done(): void } {
  let timer: NodeJS.Timeout | undefined;
  const kill = (): void => {
    sendSignal(-pid, "SIGKILL");
    sendSignal(pid, "SIGKILL");
  };
  const ask = (): void => {
    sendSignal(pid, "SIGTERM");
    timer = setTimeout(kill, stopSeconds * 1000);
  };
  if (force.aborted) kill();
  else if (stop.aborted) ask();
  stop.addEventListener("abort", ask, { once: true });
  force.addEventListener("abort", kill, { once: true });
  return {
    done() {
      clearTimeout(timer);
      stop.removeEventListener("abort", ask);
      force.removeEventListener("abort", kill);
    },
  };
}
