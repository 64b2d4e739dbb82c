import { Readable } from "node:stream";
import { parse, CsvError } from "csv-parse";
import { unguarded } from "./csv.ts";
import { broken, CHUNK_ROWS, readText, type FoundRow } from "./read.ts";

const DELIMITERS = [",", ";", "\t", "|"];

/**
 * Rows by the header's names; a name that stands twice gets `_2`, an empty one is `column_<n>`, cells beyond the header too. Without a
 * header columns are called by their number, from 1.
 */
export async function* readCsv(file: string, header: boolean): AsyncGenerator<FoundRow[]> {
  const text = readText(file);
  const first = await text.next();
  if (first.done === true) return;
  const source = Readable.from(prepend(first.value, text));
  const parser = parse({
    delimiter: sniffDelimiter(first.value),
    record_delimiter: ["\r\n", "\n", "\r"], // all of them, for some files (pandas on Windows) end their lines in \r\r\n
    relax_column_count: true,
    relax_quotes: true, // `12" pipe` in a cell that is not quoted
    skip_empty_lines: true,
  });
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  let names: string[] | undefined;
  let rows: FoundRow[] = [];
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (header && names === undefined) {
        names = nameColumns(record);
        continue;
      }
      rows.push(names !== undefined ? toRow(names, record) : Object.fromEntries(record.map((cell, i) => [String(i + 1), toValue(cell)])));
      if (rows.length < CHUNK_ROWS) continue;
      yield rows;
      rows = [];
    }
  } catch (error) {
    if (error instanceof CsvError) throw broken(file, `line ${String(parser.info.lines)}`, error.message, error);
    throw error;
  } finally {
    source.destroy();
  }
  if (rows.length > 0) yield rows;
}

async function* prepend(first: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

/** The one that stands most often in the header outside quotes. */
function sniffDelimiter(text: string): string {
  const header = /^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(text.replace(/^[\r\n]+/, ""))?.[0] ?? "";
  const bare = header.replace(/"(?:[^"]|"")*"/g, "");
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}

function nameColumns(header: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return header.map((cell, i) => {
    const name = cell.trim() === "" ? `column_${i + 1}` : cell;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}_${times}`;
  });
}

function toRow(names: readonly string[], record: readonly string[]): FoundRow {
  const row: FoundRow = {};
  for (let i = 0; i < names.length; i++) row[names[i]!] = toValue(record[i]);
  for (let i = names.length; i < record.length; i++) row[`column_${i + 1}`] = toValue(record[i]);
  return row;
}

function toValue(cell: string | undefined): string | null {
  return cell === undefined || cell === "" ? null : unguarded(cell);
}
