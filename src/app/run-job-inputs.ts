import { statSync } from "node:fs";
import { basename, relative, resolve, sep } from "node:path";
import type { Logger } from "../core/context.ts";
import type { Engine } from "../core/engine.ts";
import { ArachneError, SettingsError } from "../core/errors.ts";
import type { ItemType } from "../core/item.ts";
import type { InputSummary } from "../core/job.ts";
import type { Settings } from "../core/settings.ts";
import { checkRowCount, findBatchInput, openBatchInput, summary, type BatchInput } from "./batch-input.ts";
import type { Former, TakenFile } from "./former.ts";

export interface JobInputs {
  open(engine: Engine, view: string, item: ItemType, which: "all" | "new"): Promise<InputSummary>;
  checkCount(engine: Engine, view: string, rows: number): Promise<void>;
  /** All files that were opened. */
  files(): string[];
  /** What the run's output holds when it has succeeded. */
  taken(): TakenFile[];
  origins(): string[];
}

export interface InputsPlace {
  settings: Settings;
  root: string;
  former: Former | undefined;
  log: Logger;
}

/** A job's batch files: which ones there are, which are new, and what is known of them. */
export function jobInputs({ settings, root, former, log }: InputsPlace): JobInputs {
  const opened = new Map<string, BatchInput>();
  let onFormer = false;
  const record = former?.record;

  function onlyNew(all: BatchInput): BatchInput {
    if (record === undefined) return all;
    if (!record.complete)
      throw new ArachneError(
        "incomplete_output",
        `batch: what is published was made as of ${record.date} and left out what was crawled later: run the full batch first`,
      );
    const taken = new Map(record.taken.map((t) => [takenName(resolve(root, t.file)), t]));
    const manifests = new Map(
      [...all.manifests].filter(([file, manifest]) => {
        const before = taken.get(takenName(file));
        if (before !== undefined) refuseChanged(file, before, manifest?.sha256 ?? null);
        return before === undefined;
      }),
    );
    const fresh = { ...all, ...summary(manifests), manifests };
    refuseOtherOrigin(fresh.origins, record.origins);
    return fresh;
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

  return {
    async open(engine, view, item, which) {
      const format = settings.SOURCE_TYPE ?? settings.BATCH_FILE_FORMAT;
      if (format === "kafka_replay") throw new SettingsError("no_replay", "SOURCE_TYPE=kafka_replay cannot be read yet: read batch files");
      const all = findBatchInput(settings, root, item, format);
      if (all.others.length > 0) log.info(`left out ${all.others.length} files of other items`);
      const input = which === "new" ? onlyNew(all) : all;
      onFormer ||= which === "new";
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
    taken() {
      const files = [...opened.values()].flatMap((input) => [...input.manifests]);
      const now = files.map(([file, manifest]): TakenFile => ({
        file: relative(root, file),
        bytes: statSync(file).size,
        sha256: manifest?.sha256 ?? null,
      }));
      return [...(onFormer ? (record?.taken ?? []) : []), ...now];
    },
    origins: () => [...new Set([...(onFormer ? (record?.origins ?? []) : []), ...[...opened.values()].flatMap((i) => i.origins)])].sort(),
  };
}

function refuseOtherOrigin(fresh: readonly string[], former: readonly string[]): void {
  const demo = (origins: readonly string[]) => origins.includes("demo");
  if (fresh.length > 0 && former.length > 0 && demo(fresh) !== demo(former))
    throw new SettingsError(
      "mixed_sources",
      `batch: the new files come from ${fresh.join(", ")}, and what is published from ${former.join(", ")}; demo and real ones never mix: move one kind out of the way, and run the full batch`,
    );
}
