import type { ResultTable } from "../core/job.ts";
import { toJson } from "./output.ts";
import { clip } from "./terminal-text.ts";

type Cell = string | number | bigint | null;

interface Column {
  name: string;
  /** Lines of the header. */
  title: string[];
  cells: (string | null)[];
  label: boolean;
  width: number;
}

const LONGEST_TEXT = 22;
const LONGEST_CELL = 40;
const GAP = 2;
/** Of a table that had to be split. */
const SPLIT_ROWS = 10;
/** A header must not make its column wider than what stands in it. */
const LONGEST_WORD = 8;

/**
 * A job's table for people: codes left out (the names beside them say it), numbers short. Where the columns do not fit, it
 * becomes several tables one below the other, each with the text columns first, and shorter, so that they stay together.
 */
export function resultTable({ title, columns, rows, total }: ResultTable, width: number): string {
  const layout = (shown: ResultTable["rows"]): Column[][] => {
    const all = columns
      .map((name, i) =>
        column(
          name,
          shown.map((r) => r[i] ?? null),
        ),
      )
      .filter((c) => !c.name.endsWith("_code"));
    const labels = all.filter((c) => c.label);
    return split(
      all.filter((c) => !c.label),
      width - widthOf(labels),
    ).map((figures) => [...labels, ...figures]);
  };
  let shown = rows;
  let blocks = layout(rows);
  if (blocks.length > 1) blocks = layout((shown = rows.slice(0, SPLIT_ROWS)));
  const size = shown.length < total ? `the first ${shown.length} of ${total.toLocaleString("en-US")}` : "all";
  const units = [
    columns.some((name) => name.endsWith("_vnd")) ? "money in VND" : "",
    columns.some((name) => name.endsWith("_m2")) ? "areas in m²" : "",
  ];
  return [`${title} (${[size, ...units].filter((part) => part !== "").join("; ")})`, ...blocks.map(draw)].join("\n\n");
}

function column(name: string, values: readonly Cell[]): Column {
  const label = values.some((v) => typeof v === "string") || values.every((v) => v === null);
  const cells = values.map((v) => (v === null ? null : typeof v === "string" ? clip(v, LONGEST_TEXT) : short(v)));
  const words = name
    .replace(/_(vnd|m2)$/, "")
    .split("_")
    .flatMap((word) => (word.length > LONGEST_WORD ? [`${word.slice(0, LONGEST_WORD - 1)}-`, word.slice(LONGEST_WORD - 1)] : [word]));
  const width = Math.max(...cells.map((c) => c?.length ?? 0), ...words.map((w) => w.length));
  return { name, cells, label, width, title: fill(words, width) };
}

/** 3,980,000,000 as 3.98B: three figures are what a comparison by eye takes in. */
function short(value: number | bigint): string {
  const n = Number(value);
  return Math.abs(n) >= 100_000
    ? n.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 })
    : n.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

function fill(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, c) => sum + c.width + GAP, 0);
}

function split(columns: readonly Column[], room: number): Column[][] {
  const blocks: Column[][] = [[]];
  for (const c of columns) {
    const block = blocks.at(-1)!;
    if (block.length > 0 && widthOf([...block, c]) - GAP > room) blocks.push([c]);
    else block.push(c);
  }
  return blocks;
}

function draw(columns: readonly Column[]): string {
  const height = Math.max(...columns.map((c) => c.title.length));
  const line = (of: (c: Column) => string): string =>
    columns
      .map((c) => (c.label ? of(c).padEnd(c.width) : of(c).padStart(c.width)))
      .join(" ".repeat(GAP))
      .trimEnd();
  const head = Array.from({ length: height }, (_, i) => line((c) => c.title[i - height + c.title.length] ?? ""));
  const rows = columns[0]?.cells.map((_, i) => line((c) => c.cells[i] ?? "")) ?? [];
  return [...head, line((c) => "-".repeat(c.width)), ...rows].join("\n");
}

/** Rows of any query, values as they are: as a table where that fits, else field by field. */
export function rowsTable(names: readonly string[], rows: readonly (readonly unknown[])[], width: number): string {
  const columns = names.map((name, i): Column => {
    const label = rows.some((r) => typeof r[i] !== "number" && typeof r[i] !== "bigint" && r[i] !== null);
    const cells = rows.map((r) => clip(cellText(r[i]), LONGEST_CELL));
    return { name, title: [name], cells, label, width: Math.max(name.length, ...cells.map((c) => c.length)) };
  });
  if (widthOf(columns) - GAP <= width) return draw(columns);
  const indent = Math.max(...names.map((name) => name.length));
  const record = (r: readonly unknown[], i: number): string =>
    [`-- ${i + 1}`, ...names.map((name, at) => `${name.padEnd(indent)}  ${clip(cellText(r[at]), width - indent - 2)}`.trimEnd())].join(
      "\n",
    );
  return rows.map(record).join("\n");
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : toJson(value);
}
