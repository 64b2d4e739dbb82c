import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CriticalError } from "../../src/core/errors.ts";

/** A server that runs as a process of its own. Started again with the same folder it has its data and its address again. */
export interface Service {
  readonly url: string;
  /** Leads the process group of all that the server started. */
  readonly pid: number;
  /** Resolves when the server has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** SIGTERM, then SIGKILL for what is left after 20 seconds. */
  stop(): Promise<void>;
  /** SIGKILL, as a power cut would; resolves when nothing of it is left. */
  kill(): Promise<void>;
}

/**
 * For servers of a test or a day's work: Java compiles once and simply. Elasticsearch is ready after 7 CPU seconds instead of 18, and what it
 * does for the first time takes half of the CPU; a load of minutes goes at 0.7 of the rate.
 */
export const QUICK_JAVA = "-XX:TieredStopAtLevel=1";

export interface ServerProcess {
  /** For messages. */
  name: string;
  command: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  cwd: string;
  /** What the server prints is appended here. */
  logFile: string;
  /** User and group that it runs as; default: our own. */
  uid?: number;
  /** Asked every 200 ms until it says yes. */
  ready: () => Promise<boolean>;
  readySeconds?: number;
}

/**
 * Ends the group when standard input closes, which it does however this process ends. A shell of its own session: Ctrl-C
 * and a kill -9 of our group leave it alone. (No `--` before the group: dash's kill takes it for a number.)
 */
const WATCHDOG = `cat >/dev/null
kill -TERM "-$1" 2>/dev/null || exit 0
for _ in $(seq 100); do sleep 0.2; kill -0 "-$1" 2>/dev/null || exit 0; done
kill -KILL "-$1" 2>/dev/null`;

const STOP_SECONDS = 20;

/**
 * @throws CriticalError `service_died` with the end of its log when the server ends before it is ready, `service_slow` when it is
 * not ready in time.
 */
export async function startServer(server: ServerProcess): Promise<Omit<Service, "url">> {
  mkdirSync(dirname(server.logFile), { recursive: true });
  const log = openSync(server.logFile, "a");
  const child = spawn(server.command, server.args, {
    cwd: server.cwd,
    env: { ...process.env, ...server.env },
    stdio: ["ignore", log, log],
    detached: true, // its own group, so that all of it can be ended together
    ...(server.uid === undefined ? {} : { uid: server.uid, gid: server.uid }),
  });
  closeSync(log);
  const pid = await spawned(child, server.name);
  const watchdog = spawn("sh", ["-c", WATCHDOG, "watchdog", String(pid)], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  watchdog.on("error", () => undefined);
  watchdog.unref();

  let running = true;
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      running = false;
      resolve();
    });
  });
  let gone = false; // then the group's number may be somebody else's
  const end = async (first: NodeJS.Signals): Promise<void> => {
    if (gone) return;
    signalGroup(pid, first);
    if (!(await groupEnds(pid, STOP_SECONDS))) signalGroup(pid, "SIGKILL");
    await groupEnds(pid, 5);
    gone = true;
    watchdog.kill("SIGKILL");
  };
  const service = { pid, ended, stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
  void ended.then(() => end("SIGTERM")); // what a server that died by itself has left

  const seconds = server.readySeconds ?? 180;
  const deadline = Date.now() + seconds * 1000;
  while (!(await server.ready())) {
    if (running && Date.now() < deadline) await sleep(200);
    else {
      const died = !running;
      await service.kill();
      throw new CriticalError(
        died ? "service_died" : "service_slow",
        `${server.name}: ${died ? "ended before it was ready" : `not ready within ${seconds} s`}: see ${server.logFile}, which ends with\n${lastLines(server.logFile)}`,
      );
    }
  }
  return service;
}

function spawned(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("spawn", () => resolve(child.pid!));
    child.once("error", (cause) =>
      reject(new CriticalError("service_died", `${name}: starting ${child.spawnfile}: it cannot be run by this user`, { cause })),
    );
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false; // nothing of the group is left
  }
}

async function groupEnds(pid: number, seconds: number): Promise<boolean> {
  const deadline = Date.now() + seconds * 1000;
  while (signalGroup(pid, 0)) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

function lastLines(file: string): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-20).join("\n");
}
