import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Engine, SourceFormat } from "../core/engine.ts";
import { collectRows } from "../core/engine.ts";
import { ArachneError, describeError, SettingsError } from "../core/errors.ts";
import type { ItemType } from "../core/item.ts";
import type { InputSummary } from "../core/job.ts";
import { columnsOf } from "../core/schema/columns.ts";
import { contractOf, FROZEN } from "../core/schema/contract.ts";
import { identifier } from "../core/schema/sql-text.ts";
import type { Settings } from "../core/settings.ts";
import { MANIFEST_DIR, type Manifest } from "../feeds/batch-file.ts";
import { expandPath } from "./glob.ts";

export interface BatchInput extends InputSummary {
  readonly format: SourceFormat;
  /** By file; undefined: the file came without. */
  readonly manifests: ReadonlyMap<string, Manifest | undefined>;
  /** Files of other kinds of items, which were left out. */
  readonly others: readonly string[];
}

export interface InputQuestion {
  settings: Settings;
  root: string;
  item: ItemType;
  format: SourceFormat;
  mayBeNone?: boolean;
}

const EXTENSIONS: Record<SourceFormat, string> = { json: "json", jsonl: "jsonl", csv: "csv", parquet: "parquet" };

/**
 * All files that a job is to read: SOURCE_PATH, or all of BATCH_OUTPUT_DIR and BATCH_ARCHIVE_DIR in SOURCE_TYPE's format, a file
 * name once. What the manifests tell is checked before a byte is read.
 * @throws SettingsError `no_input`, `mixed_sources`; ArachneError `input_broken` naming the file and what to do
 */
export function findBatchInput({ settings, root, item, format, mayBeNone = false }: InputQuestion): BatchInput {
  const found = batchFiles(settings, root, format);
  const all = new Map(found.map((file) => [file, readManifest(file)]));
  const others = found.filter((file) => (all.get(file)?.item ?? item.name) !== item.name);
  const files = found.filter((file) => !others.includes(file));
  if (files.length === 0 && !mayBeNone) throw noInput(settings, root, format, others.length, item);
  const manifests = new Map(files.map((file) => [file, all.get(file)]));
  for (const [file, manifest] of manifests) checkFile(file, manifest, format, root);
  refuseMixed(manifests, root);
  return { ...summary(manifests), format, manifests, others };
}

/** The files of one format that SOURCE_PATH or the batch folders have, in the order of their names. */
export function batchFiles(settings: Settings, root: string, format: SourceFormat): string[] {
  const extension = EXTENSIONS[format];
  if (settings.SOURCE_PATH !== undefined) return expandPath(resolve(root, settings.SOURCE_PATH), extension);
  // In this order: a file that is being moved to the archive is seen in one of the two, or in both.
  const fresh = expandPath(resolve(root, settings.BATCH_OUTPUT_DIR, `*.${extension}`), extension);
  const archived = expandPath(resolve(root, settings.BATCH_ARCHIVE_DIR, "**", `*.${extension}`), extension);
  // A move to the archive across disks is a copy first: until the original is gone, that is the one.
  return [...new Map([...archived, ...fresh].map((file) => [basename(file), file])).values()].sort();
}

/** What is known of a part of an input's files. */
export function summary(manifests: ReadonlyMap<string, Manifest | undefined>): InputSummary {
  const known = [...manifests.values()];
  return {
    files: [...manifests.keys()],
    rows: known.every((m) => m !== undefined) ? known.reduce((sum, m) => sum + m.count, 0) : undefined,
    origins: [...new Set(known.flatMap((m) => (m === undefined ? [] : [m.origin])))].sort(),
    missing: [],
  };
}

export async function openBatchInput(engine: Engine, view: string, input: BatchInput, item: ItemType): Promise<void> {
  const extra = contractOf(item).unknownFields !== undefined;
  await engine.source(view, { format: input.format, files: input.files, columns: columnsOf(item), extra });
}

/** @throws ArachneError `input_count` when files hold more or fewer rows than their manifests say */
export async function checkRowCount(engine: Engine, view: string, input: BatchInput, rows: number, root: string): Promise<void> {
  if (input.rows === undefined || input.rows === rows) return;
  const counts = await collectRows<{ source_file: string; n: number }>(
    engine,
    `SELECT source_file, COUNT(*) AS n FROM ${identifier(view)} GROUP BY source_file ORDER BY source_file`,
  );
  const byFile = new Map(counts.map((c) => [c.source_file, c.n]));
  const wrong = [...input.manifests].filter(([file, manifest]) => manifest !== undefined && manifest.count !== (byFile.get(file) ?? 0));
  const [file, manifest] = wrong[0] ?? [input.files[0]!, undefined];
  throw broken(
    relative(root, file),
    `holds ${byFile.get(file) ?? 0} rows, and its manifest says ${manifest?.count ?? "otherwise"}${wrong.length > 1 ? ` (and ${wrong.length - 1} more files)` : ""}`,
  );
}

/** What the engine says of a file it cannot read, with what to do about it. */
export function explainReadError(error: unknown, files: readonly string[], root: string): unknown {
  const text = describeError(error);
  const file = files.find((name) => text.includes(name)) ?? files.find((name) => text.includes(basename(name)));
  if (file === undefined || !(error instanceof ArachneError) || error.code !== "query_failed") return error;
  const frozen = text.indexOf(`${FROZEN} `);
  if (frozen >= 0)
    return new ArachneError(
      "contract_frozen",
      `batch: ${relative(root, file)} has what its items' schema freezes (${text.slice(frozen + FROZEN.length + 1, text.indexOf(` in ${file}`))}): adapt the schema or its contract, or move the file away`,
      { cause: error },
    );
  return broken(relative(root, file), `cannot be read (${inShort(text)})`, error);
}

/** An engine's error without its advice on options that nobody sets here. */
function inShort(text: string): string {
  const words = text
    .replace(/^(?:duckdb|spark|csv): /, "")
    .replace(/ (?:Possible (?:fixes|solution)|Try setting|LINE \d+:|SQLSTATE)[^]*$/, "");
  return words.length > 300 ? `${words.slice(0, 300)}…` : words;
}

function broken(file: string, what: string, cause?: unknown): ArachneError {
  return new ArachneError(
    "input_broken",
    `batch: ${file} ${what}: put the whole file back, or move it and ${join(dirname(file), MANIFEST_DIR, `${basename(file)}.json`)} away to go on without it`,
    { cause },
  );
}

function readManifest(file: string): Manifest | undefined {
  const path = join(dirname(file), MANIFEST_DIR, `${basename(file)}.json`);
  if (!existsSync(path)) return undefined;
  try {
    const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
    if (!Number.isInteger(manifest.count) || !Number.isInteger(manifest.bytes) || typeof manifest.origin !== "string")
      throw new Error("fields are missing");
    return manifest;
  } catch (cause) {
    throw new ArachneError("manifest_broken", `batch: ${path} cannot be read: remove it to read the file unchecked`, { cause });
  }
}

/** What the engines would misread, or read as nothing. */
function checkFile(file: string, manifest: Manifest | undefined, format: SourceFormat, root: string): void {
  const { size } = statSync(file);
  if (manifest !== undefined && manifest.bytes !== size)
    throw broken(relative(root, file), `has ${size} bytes, and its manifest says ${manifest.bytes}`);
  if (manifest !== undefined) return; // ours are neither
  if (size === 0 && format !== "jsonl") throw broken(relative(root, file), "is empty, which no whole file of its format is");
  if ((format === "json" || format === "jsonl") && startsWithMark(file))
    throw broken(
      relative(root, file),
      `begins with a byte order mark, which JSON does not have (sed -i '1s/^\\xEF\\xBB\\xBF//' ${basename(file)} removes it)`,
    );
}

function startsWithMark(file: string): boolean {
  const bytes = Buffer.alloc(3);
  const handle = openSync(file, "r");
  try {
    readSync(handle, bytes, 0, 3, 0);
  } finally {
    closeSync(handle);
  }
  return bytes.equals(Buffer.from([0xef, 0xbb, 0xbf]));
}

function refuseMixed(manifests: ReadonlyMap<string, Manifest | undefined>, root: string): void {
  const by = (demo: boolean) =>
    [...manifests].filter(([, m]) => m !== undefined && (m.origin === "demo") === demo).map(([file]) => relative(root, file));
  const [demo, real] = [by(true), by(false)];
  if (demo.length > 0 && real.length > 0)
    throw new SettingsError(
      "mixed_sources",
      `batch: ${demo.length} files come from the demo site (${demo[0]}) and ${real.length} from elsewhere (${real[0]}); the two never mix: move one kind out of the way, or name the files with SOURCE_PATH`,
    );
}

function noInput(settings: Settings, root: string, format: SourceFormat, others: number, item: ItemType): ArachneError {
  const dir = resolve(root, settings.BATCH_OUTPUT_DIR);
  const besides = existsSync(dir) ? readdirSync(dir).filter((name) => !name.startsWith(".")) : [];
  const hint =
    others > 0
      ? `${others} files there hold other items than ${item.name}`
      : besides.length > 0
        ? `${dir} holds ${besides[0]}${besides.length > 1 ? " and others" : ""}: set SOURCE_TYPE to their format`
        : "run a crawl first: npm run crawl bds_spider";
  return new ArachneError(
    "no_input",
    `batch: there are no ${format} files at ${settings.SOURCE_PATH ?? join(dir, `*.${EXTENSIONS[format]}`)}: ${hint}`,
  );
}
