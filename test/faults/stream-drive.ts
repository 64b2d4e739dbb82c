import { setTimeout as sleep } from "node:timers/promises";
import { seeded } from "./kills.ts";
import type { System } from "./stream-systems.ts";
import { startWorker, type StreamWorker } from "./stream-worker.ts";

/** What was done to the workers. */
export interface Done {
  started: number;
  stopped: number;
  killed: number;
  frozen: number;
  /** Bytes that the largest of them ever had in memory. */
  peak: number;
}

const nothing = (): Done => ({ started: 0, stopped: 0, killed: 0, frozen: 0, peak: 0 });

/** A worker that never comes by its failpoint is killed all the same. */
const PATIENCE_MS = 20_000;
/** A life's share of the messages is sent in so many parts, one after another for as long as it lasts. */
const PARTS = 30;

/**
 * One worker after another over a topic that goes on growing, each killed: three of four at a failpoint, the fourth at any time. What
 * is sent in all is shared out over their lives.
 */
export async function killAgainAndAgain(system: System, points: readonly string[], kills: number, seed: number): Promise<Done> {
  const random = seeded(seed);
  const done = nothing();
  const share = Math.ceil(system.messages.length / kills / PARTS);
  for (let i = 0; i < kills; i++) {
    const point = i % 4 === 3 ? "" : points[i % points.length]!;
    const failpoint = `${point}:${1 + Math.floor(random() * 3)}`;
    const at = point === "" ? 300 + random() * 14_000 : PATIENCE_MS;
    const worker = startWorker(system.stream, [], { ...system.env, ARACHNE_FAILPOINT: failpoint }, system.dir);
    done.started++;
    const timer = setTimeout(() => worker.kill("SIGKILL"), at);
    const sending = (async () => {
      while (worker.running) {
        await system.send(share);
        await sleep(200);
      }
    })();
    const { signal, stderr } = await worker.ended;
    clearTimeout(timer);
    await sending;
    if (signal !== "SIGKILL") throw new Error(`it ended by itself: ${stderr}`);
    done.killed++;
    done.peak = Math.max(done.peak, worker.peak());
  }
  return done;
}

export interface Shuffle {
  /** How many may work at once. */
  slots: number;
  actions: number;
  seed: number;
  /** Between two actions, at most. */
  pauseMs?: number;
  /** A worker that is frozen misses its group's session, 10 s, and finds its partitions gone when it goes on. */
  frozenMs?: number;
}

/** Workers of one group that join, leave, are killed or frozen for a while by seed, while messages come in. */
export async function shuffleWorkers(system: System, { slots, actions, seed, pauseMs = 4_000, frozenMs = 13_000 }: Shuffle): Promise<Done> {
  const random = seeded(seed);
  const done = nothing();
  const all: StreamWorker[] = [];
  const told = new Set<StreamWorker>();
  const icy = new Set<StreamWorker>();
  const working: (StreamWorker | undefined)[] = Array.from({ length: slots }, () => undefined);
  const start = (slot: number): void => {
    const worker = startWorker(system.stream, [], system.env, system.dir);
    all.push(worker);
    working[slot] = worker;
    done.started++;
  };
  const end = (slot: number, worker: StreamWorker, signal: "SIGTERM" | "SIGKILL"): void => {
    told.add(worker);
    worker.kill(signal);
    working[slot] = undefined;
    done[signal === "SIGTERM" ? "stopped" : "killed"]++;
  };
  const share = Math.ceil(system.messages.length / actions);
  for (let i = 0; i < actions; i++) {
    const slot = Math.floor(random() * slots);
    const worker = working[slot];
    const draw = random();
    if (worker === undefined) start(slot);
    else if (!worker.running) throw new Error(`it ended by itself: ${worker.said()}`);
    else if (draw < 0.3) end(slot, worker, "SIGTERM");
    else if (draw < 0.6) end(slot, worker, "SIGKILL");
    else if (draw < 0.85 && !icy.has(worker)) {
      icy.add(worker);
      worker.kill("SIGSTOP");
      done.frozen++;
      setTimeout(() => {
        icy.delete(worker);
        worker.kill("SIGCONT");
      }, frozenMs);
    }
    await system.send(Math.ceil(share / 2));
    await sleep(300 + random() * pauseMs);
    await system.send(Math.floor(share / 2));
  }
  while (icy.size > 0) await sleep(100);
  working.forEach((worker, slot) => worker !== undefined && end(slot, worker, "SIGTERM"));
  for (const worker of all) {
    const { code, signal, stderr } = await worker.ended;
    if (!told.has(worker) || (signal === null && code !== 0 && code !== 143)) throw new Error(`it ended with ${code}: ${stderr}`);
    done.peak = Math.max(done.peak, worker.peak());
  }
  return done;
}

/** Sends what is left, and lets one worker read to the end. */
export async function readToEnd(system: System, args: readonly string[] = []): Promise<number> {
  await system.send(Infinity);
  const worker = startWorker(system.stream, ["--until-end", "--json", ...args], system.env, system.dir);
  const { code, stdout, stderr } = await worker.ended;
  const { remainder = ["no ledger"] } = code === 0 ? (JSON.parse(stdout) as { remainder?: string[] }) : {};
  if (code !== 0 || remainder.length > 0) throw new Error(`it ended with ${code}: ${remainder.join()}: ${stderr}`);
  return worker.peak();
}
