import { statSync } from "node:fs";
import { basename, relative, resolve, sep } from "node:path";
import type { Context } from "../core/context.ts";
import type { Engine, SourceFormat } from "../core/engine.ts";
import { ArachneError, SettingsError } from "../core/errors.ts";
import type { ItemType } from "../core/item.ts";
import type { InputSummary } from "../core/job.ts";
import type { TopicPosition } from "../core/topic.ts";
import { checkRowCount, findBatchInput, openBatchInput, summary, type BatchInput } from "./batch-input.ts";
import type { Former, RunRecord, TakenFile } from "./former.ts";
import { describeMissing, findMissing, refuseOtherOrigin, settleMissing, sourceOf, type FullInput } from "./run-job-missing.ts";
import { replayTopic } from "./topic-input.ts";
import type { TopicRange } from "./topic-range.ts";

export interface JobInputs {
  open(engine: Engine, view: string, item: ItemType, which: "all" | "new", topic?: string): Promise<InputSummary>;
  checkCount(engine: Engine, view: string, rows: number): Promise<void>;
  /** All files that were opened. */
  files(): string[];
  /** What the run's output holds when it has succeeded. */
  record(): Pick<RunRecord, "taken" | "topics" | "starts" | "source" | "origins">;
}

export interface InputsPlace {
  c: Context;
  root: string;
  former: Former | undefined;
  /** Where topics are written to. */
  workDir: string;
  /** Forget what the published output holds and this input lacks. */
  acceptChange: boolean;
}

/** What a job reads: which files and messages there are, which of them the published output does not hold, and what is known of them. */
export function jobInputs({ c, root, former, workDir, acceptChange }: InputsPlace): JobInputs {
  const { settings, log } = c;
  const opened = new Map<string, BatchInput & { readonly taken: readonly TakenFile[] }>();
  const topics: Record<string, TopicPosition> = {};
  const starts: Record<string, TopicPosition> = {};
  const asked = new Map<string, TopicRange>();
  /** Set by the first input that goes on from the published output. */
  let base: RunRecord | undefined;
  /** Of what the published output holds, what full inputs lack and the job keeps from it. */
  const kept = { taken: new Map<string, TakenFile>(), topics: new Set<string>(), origins: [] as readonly string[] };

  async function fromTopic(view: string, item: ItemType, since: RunRecord | undefined, usual: string | undefined): Promise<BatchInput> {
    const held = since === undefined ? former?.record : undefined;
    const replay = await replayTopic({ ...c, dir: workDir, view, item, usual, since: since?.topics, held, asked });
    const { topic, file, rows, origins, lacks } = replay;
    if (replay.others > 0) log.info(`left out ${replay.others} messages of other items`);
    const ranged = settings.SOURCE_FROM !== undefined || settings.SOURCE_TO !== undefined;
    if (file === undefined && since === undefined)
      throw new ArachneError(
        "no_input",
        `batch: the topic ${topic} holds no ${item.name}${ranged ? ` from ${replay.range}: widen SOURCE_FROM and SOURCE_TO` : ": run a crawl first"}, or name another with SOURCE_TOPIC`,
      );
    const files = file === undefined ? [] : [file];
    const missing = since === undefined ? lacking({ origins, has: () => false, topic: { name: topic, lacks: lacks?.what } }) : [];
    const together = lacks !== undefined && kept.topics.has(topic) ? lacks : undefined;
    if (together?.gap !== undefined)
      throw new SettingsError("source_range", `batch: ${together.gap}: --accept-change publishes what was asked for alone`);
    topics[topic] = together?.to ?? replay.to;
    starts[topic] ??= together?.from ?? replay.from;
    return { format: "jsonl", files, rows, origins, missing, manifests: new Map(), others: [] };
  }

  function fromFiles(item: ItemType, format: SourceFormat, since: RunRecord | undefined): BatchInput {
    const all = findBatchInput({ settings, root, item, format, mayBeNone: since !== undefined });
    if (all.others.length > 0) log.info(`left out ${all.others.length} files of other items`);
    if (since !== undefined) return onlyNew(all, since);
    const there = new Set([...all.files, ...all.others].map(takenName));
    const has = ({ file }: TakenFile): boolean => there.has(takenName(resolve(root, file)));
    return { ...all, missing: lacking({ origins: all.origins, has }) };
  }

  /** What of the published output's input a full one lacks and is to be kept from that output. */
  function lacking(input: FullInput): string[] {
    const held = former?.record;
    if (held === undefined) return [];
    const missing = findMissing(input, held, settings);
    if (!settleMissing(describeMissing(missing, held, root), held, { ...input, acceptChange, log })) return [];
    for (const file of missing.taken) kept.taken.set(file.file, file);
    for (const name of missing.topics.keys()) kept.topics.add(name);
    kept.origins = held.origins;
    return [...missing.taken.map((t) => t.file), ...missing.topics.values()];
  }

  /** Of the published output's positions those of the topics that it is gone on from, or that are kept from it. */
  function held(positions: RunRecord["topics"] | undefined): RunRecord["topics"] {
    return Object.fromEntries(Object.entries(positions ?? {}).filter(([name]) => base !== undefined || kept.topics.has(name)));
  }

  function onlyNew(all: BatchInput, since: RunRecord): BatchInput {
    if (Object.keys(since.topics).length > 0)
      throw new ArachneError(
        "incomplete_output",
        "batch: what is published was made from a topic, not from files: run the full batch first",
      );
    const taken = new Map(since.taken.map((t) => [takenName(resolve(root, t.file)), t]));
    const manifests = new Map(
      [...all.manifests].filter(([file, manifest]) => {
        const before = taken.get(takenName(file));
        if (before !== undefined) refuseChanged(file, before, manifest?.sha256 ?? null);
        return before === undefined;
      }),
    );
    return { ...all, ...summary(manifests), manifests };
  }

  /** Batch files move to the archive under their names, which never repeat; files of someone else's are known by their paths. */
  function takenName(file: string): string {
    const ours = [settings.BATCH_OUTPUT_DIR, settings.BATCH_ARCHIVE_DIR].some((dir) => file.startsWith(resolve(root, dir) + sep));
    return ours ? basename(file) : file;
  }

  function refuseChanged(file: string, before: TakenFile, sha256: string | null): void {
    const { size } = statSync(file);
    if (size === before.bytes && (sha256 === null || before.sha256 === null || sha256 === before.sha256)) return;
    throw new ArachneError(
      "changed_input",
      `batch: ${relative(root, file)} has changed since it was taken (${size} bytes, then ${before.bytes}): run the full batch`,
    );
  }

  /** As they are before they are read: one that somebody still writes to has then changed since. */
  function takenOf({ manifests }: BatchInput): TakenFile[] {
    return [...manifests].map(([file, manifest]) => ({
      file: relative(root, file),
      bytes: statSync(file).size,
      sha256: manifest?.sha256 ?? null,
    }));
  }

  return {
    async open(engine, view, item, which, topic) {
      const since = which === "new" ? former?.record : undefined;
      if (since?.complete === false)
        throw new ArachneError(
          "incomplete_output",
          `batch: what is published was made as of ${since.date} and left out what was crawled later: run the full batch first`,
        );
      base ??= since;
      const format = settings.SOURCE_TYPE ?? settings.BATCH_FILE_FORMAT;
      const input = format === "kafka_replay" ? await fromTopic(view, item, since, topic) : fromFiles(item, format, since);
      if (since !== undefined) refuseOtherOrigin(input.origins, since.origins, "move one kind out of the way, and run the full batch");
      opened.set(view, { ...input, taken: takenOf(input) });
      log.info("reading", {
        files: input.files.length,
        rows: input.rows ?? "unknown",
        origins: input.origins.join(",") || "unknown",
      });
      await openBatchInput(engine, view, input, item);
      return input;
    },
    async checkCount(engine, view, rows) {
      const input = opened.get(view);
      if (input !== undefined) await checkRowCount(engine, view, input, rows, root);
    },
    files: () => [...opened.values()].flatMap((input) => input.files),
    record() {
      const inputs = [...opened.values()];
      const taken = [...(base?.taken ?? kept.taken.values()), ...inputs.flatMap((input) => input.taken)];
      const origins = [...(base?.origins ?? kept.origins), ...inputs.flatMap((input) => input.origins)];
      return {
        taken: [...new Map(taken.map((t) => [t.file, t])).values()],
        topics: { ...held(former?.record.topics), ...topics },
        // What was there from the first stays held, also when the topic has lost it since, or it was not read again.
        starts: base === undefined ? { ...held(former?.record.starts), ...starts } : { ...starts, ...held(former?.record.starts) },
        source: sourceOf(settings),
        origins: [...new Set(origins)].sort(),
      };
    },
  };
}
