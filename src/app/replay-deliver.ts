import { mkdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Transformed } from "../core/chain.ts";
import { RejectedError, SettingsError } from "../core/errors.ts";
import { itemKey } from "../core/item.ts";
import type { PipelineContext } from "../core/pipeline.ts";
import { stringifyWellFormed } from "../core/well-formed.ts";
import { startDeliveries } from "../crawl/engine/deliver.ts";
import { DEMO } from "../crawl/engine/start.ts";
import { openJournal, type Journal } from "../crawl/journal/journal.ts";
import { openOutbox } from "../crawl/journal/outbox.ts";
import type { Crawl, Harvest, NewRequest, QueuedRequest } from "../crawl/journal/records.ts";
import { acquireLock } from "../storage/lock.ts";
import { demoSites } from "./demo.ts";
import type { Project } from "./project.ts";
import { REPLAY, toLines, type LineWriter, type ReplayCounts, type ReplayRequest } from "./replay.ts";
import { checkColumns, readSource } from "./replay-source.ts";
import { openTransforms, type Transformer } from "./transform-items.ts";

export interface DeliverRequest extends ReplayRequest {
  project: Project;
  /** What was asked for, in the user's words: only the same is resumed. */
  asked: Readonly<Record<string, string>>;
  /** Forget a replay that was left unfinished. */
  fresh: boolean;
  rejected?: LineWriter | undefined;
}

export interface DeliverResult extends ReplayCounts {
  /** Items by delivery. */
  delivered: Record<string, number>;
  finished: boolean;
}

/** What is left of a file: the journal's request for it. */
interface FileRest {
  row: number;
  size: number;
  modified: number;
}

/**
 * Runs the rows of files through the whole chain, deliveries too, with a crawl's promises: a run of rows moves from its
 * file to the outbox in one transaction with the place in the file, each delivery has its cursor, and what a crash
 * leaves the same command takes up again.
 */
export async function replayToDeliveries(r: DeliverRequest): Promise<DeliverResult> {
  for (const file of r.files) await checkColumns(file, r.map);
  const { plan, project, settings, now } = r;
  const stateDir = resolve(project.root, settings.STATE_DIR);
  mkdirSync(stateDir, { recursive: true });
  const name = `${REPLAY}_${plan.item.name}`;
  const lock = acquireLock(join(stateDir, `${name}.lock`), name, now());
  const journal = openJournal({ path: join(stateDir, `${name}.db`), now });
  try {
    const crawl = await beginOrResume(journal, r);
    return await run(journal, crawl, name, r);
  } finally {
    journal.close();
    lock.release();
  }
}

async function run(journal: Journal, crawl: Crawl, name: string, r: DeliverRequest): Promise<DeliverResult> {
  const { plan, settings, log, signal, now } = r;
  const fatal = new AbortController();
  const both = AbortSignal.any([signal, fatal.signal]);
  const context: PipelineContext = {
    settings,
    log,
    now,
    signal: both,
    spider: name,
    item: plan.item,
    crawl: { id: crawl.id, startedAt: crawl.startedAt },
    origin: crawl.origin,
  };
  const deliveries = plan.deliveries.map((d) => d.name);
  const outbox = openOutbox(journal.db, deliveries);
  const transformer = await openTransforms(plan.transforms, plan.item, context, plan.whole);
  const opened: (typeof plan.deliveries)[number][] = [];
  let failure: unknown;
  try {
    for (const delivery of plan.deliveries) {
      await delivery.pipeline.open?.(context);
      opened.push(delivery);
    }
    const deliverer = startDeliveries({
      outbox,
      deliveries: plan.deliveries,
      context,
      onFatal(error) {
        failure ??= error;
        fatal.abort();
      },
      onProgress: () => {},
    });
    journal.onCommit(() => deliverer.poke());
    deliverer.poke();
    for (let rest = nextRest(journal); rest !== undefined && !both.aborted; rest = nextRest(journal)) {
      await replayFile(journal, rest, r, transformer, async () => {
        while (deliverer.backlog() >= settings.OUTBOX_MAX_ITEMS && !both.aborted) await sleep(50);
        return !both.aborted;
      });
    }
    if (failure !== undefined) throw failure;
    if (!signal.aborted) {
      await deliverer.drain();
      journal.finish(crawl);
    }
  } finally {
    for (const { pipeline } of opened.reverse()) await pipeline.close?.(context);
    await transformer.close();
  }
  await writeRejected(journal, r.rejected);
  const { counters } = journal;
  return {
    read: counters.get("emitted"),
    kept: counters.get("stored"),
    dropped: counters.byPrefix("dropped:"),
    delivered: Object.fromEntries(deliveries.map((d) => [d, outbox.delivered(d)])),
    finished: !signal.aborted,
  };
}

async function beginOrResume(journal: Journal, r: DeliverRequest): Promise<Crawl> {
  const unfinished = journal.unfinished();
  if (unfinished !== undefined && !r.fresh) {
    if (JSON.stringify(unfinished.args) !== JSON.stringify(r.asked))
      throw new SettingsError(
        "other_replay",
        `replay: another replay of these items is unfinished (${Object.values(unfinished.args).join(" ")}): run that again to finish it, or --fresh to give it up`,
      );
    r.log.info(
      `resuming replay ${unfinished.id}: ${journal.counters.get("emitted").toLocaleString("en-US")} rows are done; --fresh starts over`,
    );
    if (unfinished.hosts !== undefined) return unfinished;
  }
  const crawl = unfinished !== undefined && !r.fresh ? unfinished : journal.begin(await originOf(r), r.asked);
  // The newest request is taken first, so the first file goes in last.
  const requests = r.files.map((file) => request(resolve(file), { row: 0, ...identity(file) })).reverse();
  await journal.submit({ kind: "start", requests, hosts: [] });
  return crawl;
}

/** Items of a demo site stay its own when they are replayed: they must not pass for real ones. */
async function originOf({ project, files, map }: DeliverRequest): Promise<string> {
  const hosts = (await demoSites(project)).map((d) => `//${d.demo.host}/`);
  for (const file of files) {
    for await (const { items } of readSource(file, map)) {
      const text = JSON.stringify(items);
      if (hosts.some((host) => text.includes(host))) return DEMO;
      break;
    }
  }
  return REPLAY;
}

async function replayFile(
  journal: Journal,
  rest: QueuedRequest,
  r: DeliverRequest,
  transformer: Transformer,
  mayGoOn: () => Promise<boolean>,
): Promise<void> {
  const file = rest.url;
  const from = (JSON.parse(rest.options!) as { data: FileRest }).data;
  const { size, modified } = identity(file);
  if (size !== from.size || modified !== from.modified)
    throw new RejectedError(
      "file_changed",
      `replay: ${file} was changed since its first ${from.row.toLocaleString("en-US")} rows were replayed: --fresh starts over`,
    );
  let current = rest;
  for await (const { items, to } of readSource(file, r.map, from.row)) {
    const harvest = toHarvest(await transformer.apply(items), items.length, r);
    await journal.submit({
      kind: "parsed",
      request: current,
      harvest: { ...harvest, follows: [request(file, { row: to, size, modified })] },
    });
    current = nextRest(journal)!;
    if (!(await mayGoOn())) return;
  }
  await journal.submit({ kind: "parsed", request: current, harvest: toHarvest({ items: [], dropped: [] }, 0, r) });
}

function toHarvest({ items, dropped }: Transformed, emitted: number, { plan }: DeliverRequest): Harvest {
  return {
    emitted,
    partial: 0,
    items: items.map((item) => ({ key: itemKey(plan.item, item as Record<string, unknown>), body: stringifyWellFormed(item) })),
    rejected: dropped.map((d) => ({ reason: d.reason, detail: d.detail, item: JSON.stringify(d.item) })),
    follows: [],
  };
}

function request(file: string, data: FileRest): NewRequest {
  return { url: file, callback: REPLAY, depth: 0, priority: 0, fingerprint: undefined, options: JSON.stringify({ data }) };
}

function nextRest(journal: Journal): QueuedRequest | undefined {
  return journal.db
    .prepare<QueuedRequest>("SELECT id, url, callback, depth, priority, retries, options FROM queue ORDER BY id DESC LIMIT 1")
    .get();
}

function identity(file: string): Omit<FileRest, "row"> {
  const { size, mtimeMs } = statSync(file);
  return { size, modified: mtimeMs };
}

async function writeRejected(journal: Journal, write: LineWriter | undefined): Promise<void> {
  if (write === undefined) return;
  const page = journal.db.prepare<{ id: number; reason: string; detail: string | null; item: string }>(
    "SELECT id, reason, detail, item FROM rejected WHERE id > ? ORDER BY id LIMIT 500",
  );
  for (let last = 0, rows = page.all(0); rows.length > 0; rows = page.all(last)) {
    last = rows.at(-1)!.id;
    await write(
      toLines(
        rows.map(({ reason, detail, item }) => ({ reason, ...(detail === null ? {} : { detail }), item: JSON.parse(item) as object })),
      ),
    );
  }
}
