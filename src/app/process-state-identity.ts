import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Tells a process from another one that has got its number since. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Where that number means it: this boot of this machine, this container. */
  readonly space: string;
  /** Its start, in clock ticks since the boot; null where the system does not tell. */
  readonly ticks: string | null;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, space: ownSpace(), ticks: statOf(process.pid)?.ticks ?? null };
}

/** `unknown`: it cannot be seen from here, or the system does not tell enough. */
export function lifeOf({ pid, space, ticks }: ProcessIdentity): "alive" | "gone" | "unknown" {
  if (space !== ownSpace()) return "unknown";
  if (ticks === null) return exists(pid) ? "unknown" : "gone";
  const now = statOf(pid);
  // Z: it has ended, and its parent has not asked about it yet.
  return now?.ticks === ticks && now.state !== "Z" ? "alive" : "gone";
}

let space: string | undefined;

function ownSpace(): string {
  return (space ??= readSpace());
}

function readSpace(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname(); // no /proc: macOS
  }
}

/** proc(5): the name, in brackets, may hold anything; the state is the first field after it, the start the 20th. */
function statOf(pid: number): { state: string; ticks: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0]!, ticks: fields[19]! };
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
