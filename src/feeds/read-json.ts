import { broken, CHUNK_ROWS, readText, type FoundRow } from "./read.ts";

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN = 123;
const CLOSE = 125;

/** Enough to see whether the first line is a value of its own. */
const SNIFF = 256 * 1024;

/** Rows of a list (or several), of the first list of objects within an object, or of objects one after another (JSON lines). */
export async function* readJson(file: string): AsyncGenerator<FoundRow[]> {
  const scanner = createScanner(file);
  let sniffed: string | undefined = "";
  for await (const text of readText(file)) {
    if (sniffed === undefined) scanner.feed(text);
    else {
      sniffed += text;
      if (sniffed.length < SNIFF && !/\S\s*\n\s*\S/.test(sniffed)) continue;
      scanner.start(sniffed);
      sniffed = undefined;
    }
    while (scanner.rows.length >= CHUNK_ROWS) yield scanner.rows.splice(0, CHUNK_ROWS);
  }
  if (sniffed !== undefined) scanner.start(sniffed);
  scanner.end();
  while (scanner.rows.length > 0) yield scanner.rows.splice(0, CHUNK_ROWS);
}

/** Finds where rows begin and end without parsing what is around them, so that only one row need be in memory. */
function createScanner(file: string) {
  const rows: FoundRow[] = [];
  let buffer = "";
  /** Bytes before `buffer`, for messages. */
  let before = 0;
  let at = 0;
  let depth = 0;
  let inString = false;
  /** Nesting at which rows stand: 0 values one after another, 1 a list, 2 a list within an object; Infinity: all have been read. */
  let level = 0;
  let rowStart = -1;
  /** The file is one object, and where its rows are is not known yet. */
  let searching = false;
  /** While searching: a list has just begun. */
  let atListStart = false;
  let count = 0;

  const where = (index: number) => `row ${count + 1} (byte ${before + Buffer.byteLength(buffer.slice(0, index))})`;

  function take(end: number): void {
    const text = buffer.slice(rowStart, end);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw broken(file, where(rowStart), `it is not JSON (${(cause as Error).message})`, cause);
    }
    rows.push(value as FoundRow);
    count++;
    rowStart = -1;
  }

  function opened(code: number): void {
    if (depth === 0 && !searching && level < 2) level = code === OPEN_LIST ? 1 : 0;
    if (code === OPEN && depth === level && rowStart === -1) rowStart = at;
    else if (code === OPEN && searching && atListStart && depth === 2) {
      searching = false;
      level = 2;
      rowStart = at;
    }
    atListStart = code === OPEN_LIST && depth === 1;
    depth++;
  }

  function closed(code: number): void {
    depth--;
    if (depth < 0) throw broken(file, where(at), "a bracket too many");
    atListStart = false;
    if (code === CLOSE && depth === level && rowStart !== -1) take(at + 1);
    else if (level === 2 && depth === 1) level = Infinity;
  }

  function scan(): void {
    for (; at < buffer.length; at++) {
      const code = buffer.charCodeAt(at);
      if (inString) {
        if (code === BACKSLASH) {
          if (at + 1 === buffer.length) break; // the escaped character is in the next chunk
          at++;
        } else if (code === QUOTE) inString = false;
      } else if (code <= 32 || code === COMMA) continue;
      else if (code === OPEN || code === OPEN_LIST) opened(code);
      else if (code === CLOSE || code === CLOSE_LIST) closed(code);
      else {
        if (depth === level && rowStart === -1)
          throw broken(file, where(at), `an object must stand here, not ${JSON.stringify(buffer.slice(at, at + 20))}`);
        atListStart = false;
        if (code === QUOTE) inString = true;
      }
    }
    const keep = rowStart === -1 ? at : rowStart;
    before += Buffer.byteLength(buffer.slice(0, keep));
    buffer = buffer.slice(keep);
    at -= keep;
    if (rowStart !== -1) rowStart = 0;
  }

  return {
    rows,
    /** The file's beginning. One object on a first line of its own, and more lines: JSON lines; else one object is looked into for its list. */
    start(text: string): void {
      const line = text.trimStart().split("\n", 1)[0]!;
      searching = line.startsWith("{") && !(isJson(line) && text.trim() !== line.trim());
      this.feed(text);
    },
    feed(text: string): void {
      buffer += text;
      scan();
    },
    end(): void {
      if (depth > 0 || inString) throw broken(file, where(buffer.length), "the file ends in the middle: it was cut off");
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
