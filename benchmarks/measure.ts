import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Measured {
  /** user + sys of the whole process and its children, in seconds. */
  cpu: number;
  wall: number;
  /** Peak resident memory of the process in MB. */
  rss: number;
  stdout: string;
}

export interface Run {
  cwd?: string;
  env?: Record<string, string>;
}

/** Runs a command to its end and accounts for it as the operating system does. @throws when it exits non-zero */
export async function measure(command: string, args: readonly string[], { cwd, env }: Run = {}): Promise<Measured> {
  // bash's `time` reports children's rusage after the wait, which Node does not expose.
  const script = 'TIMEFORMAT="TIMES %U %S %R"; time "$@"';
  const child = spawn("bash", ["-c", script, "bash", command, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  let rss = 0;
  const watch = setInterval(() => (rss = Math.max(rss, peakOf(child.pid))), 50);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(watch);
  const times = /TIMES (\S+) (\S+) (\S+)/.exec(stderr);
  if (code !== 0 || times === null) throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${stderr.slice(-2000)}`);
  return { cpu: Number(times[1]) + Number(times[2]), wall: Number(times[3]), rss, stdout };
}

/** VmHWM of the process below our shell. */
function peakOf(shell: number | undefined): number {
  try {
    const child = readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8").trim().split(" ")[0];
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, "utf8"));
    return peak === null ? 0 : Number(peak[1]) / 1024;
  } catch {
    return 0;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
