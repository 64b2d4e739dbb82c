import { readdirSync, readFileSync } from "node:fs";

const TICKS = 100; // a second: USER_HZ, the same on every Linux
const PAGE_MB = 4096 / 1024 / 1024;

interface Usage {
  /** user + sys of all processes, those that have ended and were waited for too. */
  cpu: number;
  /** Resident memory in MB. */
  rss: number;
}

/** A process group as /proc shows it: what a server and all that it started use. */
export function groupUsage(leader: number): Usage {
  const usage = { cpu: 0, rss: 0 };
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statOf(name);
    // After the name in brackets: state, parent, group, …, utime, stime, cutime, cstime (fields 14 to 17 of proc(5)), …, rss (24).
    if (fields === undefined || Number(fields[2]) !== leader) continue;
    usage.cpu += (Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14])) / TICKS;
    usage.rss += Number(fields[21]) * PAGE_MB;
  }
  return usage;
}

function statOf(pid: string): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return undefined; // has ended meanwhile
  }
}
