import { statSync } from "node:fs";
import { basename, relative, resolve, sep } from "node:path";
import type { Context } from "../core/context.ts";
import type { Engine } from "../core/engine.ts";
import { ArachneError, SettingsError } from "../core/errors.ts";
import type { ItemType } from "../core/item.ts";
import type { InputSummary } from "../core/job.ts";
import type { TopicPosition } from "../core/topic.ts";
import { checkRowCount, findBatchInput, openBatchInput, summary, type BatchInput } from "./batch-input.ts";
import type { Former, RunRecord, TakenFile } from "./former.ts";
import { replayTopic } from "./topic-input.ts";

export interface JobInputs {
  open(engine: Engine, view: string, item: ItemType, which: "all" | "new"): Promise<InputSummary>;
  checkCount(engine: Engine, view: string, rows: number): Promise<void>;
  /** All files that were opened. */
  files(): string[];
  /** What the run's output holds when it has succeeded. */
  record(): Pick<RunRecord, "taken" | "topics" | "origins">;
}

export interface InputsPlace {
  c: Context;
  root: string;
  former: Former | undefined;
  /** Where topics are written to. */
  workDir: string;
}

/** What a job reads: which files and messages there are, which of them the published output does not hold, and what is known of them. */
export function jobInputs({ c, root, former, workDir }: InputsPlace): JobInputs {
  const { settings, log } = c;
  const opened = new Map<string, BatchInput>();
  const topics: Record<string, TopicPosition> = {};
  /** Set by the first input that goes on from the published output. */
  let base: RunRecord | undefined;

  async function fromTopic(view: string, item: ItemType, since: RunRecord | undefined): Promise<BatchInput> {
    const { topic, file, ...replay } = await replayTopic({ ...c, dir: workDir, view, item, from: since?.topics, to: topics });
    topics[topic] = replay.to;
    if (replay.others > 0) log.info(`left out ${replay.others} messages of other items`);
    if (file === undefined && since === undefined)
      throw new ArachneError(
        "no_input",
        `batch: the topic ${topic} holds no ${item.name}: run a crawl first, or name another with SOURCE_TOPIC`,
      );
    return {
      format: "jsonl",
      files: file === undefined ? [] : [file],
      rows: replay.rows,
      origins: replay.origins,
      missing: [],
      manifests: new Map(),
      others: [],
    };
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

  function takenNow(): TakenFile[] {
    return [...opened.values()].flatMap((input) =>
      [...input.manifests].map(([file, manifest]) => ({
        file: relative(root, file),
        bytes: statSync(file).size,
        sha256: manifest?.sha256 ?? null,
      })),
    );
  }

  return {
    async open(engine, view, item, which) {
      const since = which === "new" ? former?.record : undefined;
      if (since?.complete === false)
        throw new ArachneError(
          "incomplete_output",
          `batch: what is published was made as of ${since.date} and left out what was crawled later: run the full batch first`,
        );
      base ??= since;
      const format = settings.SOURCE_TYPE ?? settings.BATCH_FILE_FORMAT;
      let input: BatchInput;
      if (format === "kafka_replay") input = await fromTopic(view, item, since);
      else {
        const all = findBatchInput({ settings, root, item, format, mayBeNone: since !== undefined });
        if (all.others.length > 0) log.info(`left out ${all.others.length} files of other items`);
        input = since === undefined ? all : onlyNew(all, since);
      }
      if (since !== undefined) refuseOtherOrigin(input.origins, since.origins);
      opened.set(view, input);
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
    record: () => ({
      taken: [...(base?.taken ?? []), ...takenNow()],
      topics: { ...base?.topics, ...topics },
      origins: [...new Set([...(base?.origins ?? []), ...[...opened.values()].flatMap((i) => i.origins)])].sort(),
    }),
  };
}

function refuseOtherOrigin(fresh: readonly string[], former: readonly string[]): void {
  const demo = (origins: readonly string[]) => origins.includes("demo");
  if (fresh.length > 0 && former.length > 0 && demo(fresh) !== demo(former))
    throw new SettingsError(
      "mixed_sources",
      `batch: the new items come from ${fresh.join(", ")}, and what is published from ${former.join(", ")}; demo and real ones never mix: move one kind out of the way, and run the full batch`,
    );
}
