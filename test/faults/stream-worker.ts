import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const SAMPLE_MS = 200;

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** `arachne stream run NAME` as a process of its own. */
export interface StreamWorker {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  readonly running: boolean;
  /** What it has printed to standard error so far. */
  said(): string;
  kill(signal: NodeJS.Signals): void;
  /** Bytes that it ever had in memory at once. */
  peak(): number;
}

/** As `npm run` would, in this project or the one of a folder: the settings that say where things are must be in `env`. */
export function startWorker(stream: string, args: readonly string[], env: Readonly<Record<string, string>>, dir = ROOT): StreamWorker {
  const child = spawn(process.execPath, [join(ROOT, "bin/arachne.mjs"), "stream", "run", stream, ...args], {
    cwd: dir,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], TMPDIR: process.env["TMPDIR"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pid = child.pid!;
  let stdout = "";
  let stderr = "";
  let peak = 0;
  let running = true;
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const timer = setInterval(() => (peak = Math.max(peak, mostMemory(pid))), SAMPLE_MS);
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = new Promise<Ended>((done, failed) => {
    child.once("error", failed);
    child.once("exit", () => {
      running = false;
      clearInterval(timer);
    });
    child.once("close", (code, signal) => done({ code, signal, stdout, stderr }));
  });
  return {
    pid,
    ended,
    get running() {
      return running;
    },
    said: () => stderr,
    kill: (signal) => void child.kill(signal),
    peak: () => peak,
  };
}

/** Linux keeps the largest resident set of each process. */
function mostMemory(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // it has ended
  }
}
