import { clickHouseType } from "../../core/schema/clickhouse.ts";
import type { Column } from "../../core/schema/columns.ts";

/** Why a value has no place in its column: a few stable words, and the whole. */
export class NoPlace {
  readonly reason: string;
  readonly detail: string;

  constructor(reason: string, detail: string) {
    this.reason = reason;
    this.detail = detail;
  }
}

/** The last second that servers of all versions can show in a DateTime. */
const LAST = Date.UTC(2106, 0, 1) / 1000 - 1;
const DAY = 86_400;

/** Whole seconds since 1970; sub-seconds are cut off. */
export function secondsOf(time: string): number {
  if (time !== lastTime) {
    lastSeconds = Math.floor(Date.parse(time) / 1000);
    lastTime = time;
  }
  return lastSeconds;
}

/** A row's time is asked for twice, for the row and to know it by. */
let lastTime = "";
let lastSeconds = NaN;

/** The type that a column is sent in: the parser of sent tables' types of 2018 takes the comma in Decimal(9, 2) for the next column's. */
export function sentType(column: Column): string {
  return clickHouseType(column.kind === "decimal" ? { ...column, kind: "text" } : column);
}

/** What turns a sent column into the table's. */
export function receivedAs({ kind, decimal }: Column, name: string): string {
  if (kind !== "decimal") return name;
  const [digits, places] = decimal!;
  return `toDecimal${digits <= 9 ? 32 : digits <= 18 ? 64 : 128}(${name}, ${places})`;
}

type Cell = (value: unknown, out: Writer) => NoPlace | undefined;

/**
 * An item as a row of RowBinary, which servers of all versions read alike: JSON's decimals and short times they do not. Rows lie one behind
 * the other in memory, see `inPieces`.
 * https://clickhouse.com/docs/interfaces/formats/RowBinary
 */
export function rowEncoder(columns: readonly Column[]): (item: object) => Buffer | NoPlace {
  const cells = columns.map((column) => ({ name: column.name, write: cellOf(column) }));
  const out = new Writer();
  return (item) => {
    out.begin();
    for (const { name, write } of cells) {
      const wrong = write((item as Record<string, unknown>)[name], out);
      if (wrong !== undefined) return wrong;
    }
    return out.row();
  };
}

function cellOf(column: Column): Cell {
  const write = valueCell(column);
  if (!column.nullable) return write;
  return (value, out) => {
    const empty = value === null || value === undefined;
    out.byte(empty ? 1 : 0);
    return empty ? undefined : write(value, out);
  };
}

/** Of values that the item's check has let through. */
function valueCell({ name, kind, decimal }: Column): Cell {
  switch (kind) {
    case "text":
      return (value, out) =>
        (value as string).isWellFormed()
          ? out.text(value as string)
          : new NoPlace(`${name}: not_utf8`, `${name} holds half a character, which UTF-8 has no form for`);
    case "integer":
      return (value, out) => out.int64(BigInt(value as number));
    case "decimal":
      return (value, out) => writeDecimal(name, value as number | string, decimal!, out);
    case "double":
      return (value, out) => out.float64(value as number);
    case "boolean":
      return (value, out) => out.byte(value === true ? 1 : 0);
    case "timestamp":
    case "date":
      return (value, out) => {
        const seconds = secondsOf(value as string);
        if (!(seconds >= 0 && seconds <= LAST)) return outOfRange(name, `from 1970-01-01 to 2105-12-31`, value);
        return kind === "date" ? out.uint16(Math.floor(seconds / DAY)) : out.uint32(seconds);
      };
    default:
      return (value, out) => out.text(JSON.stringify(value));
  }
}

/** As text, see `sentType`. */
function writeDecimal(name: string, value: number | string, [digits, places]: readonly [number, number], out: Writer): NoPlace | undefined {
  const text = typeof value === "number" ? value.toFixed(places) : value;
  const [, whole, fraction = ""] = /^-?0*(\d+?)(?:\.(\d+))?$/.exec(text) ?? [];
  return whole === undefined || fraction.length > places || (whole === "0" ? 0 : whole.length) > digits - places
    ? outOfRange(name, `a number of ${digits} digits, ${places} of them behind the point,`, value)
    : out.text(text);
}

function outOfRange(name: string, wanted: string, value: unknown): NoPlace {
  return new NoPlace(`${name}: range`, `${name} must be ${wanted} to fit its column, is ${String(value)}`);
}

/** Rows as few pieces: those that lie one behind the other are one, without a copy. */
export function inPieces(rows: readonly Buffer[]): Buffer[] {
  const pieces: Buffer[] = [];
  let end = -1;
  for (const row of rows) {
    const last = pieces.at(-1);
    if (last !== undefined && row.buffer === last.buffer && row.byteOffset === end)
      pieces[pieces.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + row.length);
    else pieces.push(row);
    end = row.byteOffset + row.length;
  }
  // Each is a write of its own.
  return pieces.length > MOST_PIECES ? [Buffer.concat(pieces)] : pieces;
}

const CHUNK = 256 * 1024;
const MOST_PIECES = 256;

/** Bytes one behind the other, little end first, in chunks that are never written to again: a request may still be sending them. */
class Writer {
  #bytes = Buffer.allocUnsafeSlow(0);
  #view = new DataView(this.#bytes.buffer);
  #start = 0;
  #end = 0;

  /** What was written since the last `row` is forgotten. */
  begin(): void {
    this.#end = this.#start;
  }

  row(): Buffer {
    const row = this.#bytes.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return row;
  }

  byte(value: number): undefined {
    const at = this.#take(1); // before its buffer is named: it may become another
    this.#view.setUint8(at, value);
  }

  uint16(value: number): undefined {
    const at = this.#take(2);
    this.#view.setUint16(at, value, true);
  }

  uint32(value: number): undefined {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  int64(value: bigint): undefined {
    const at = this.#take(8);
    this.#view.setBigInt64(at, value, true);
  }

  float64(value: number): undefined {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
  }

  /** Its length as a varint, then its UTF-8. */
  text(value: string): undefined {
    const length = Buffer.byteLength(value);
    let rest = length;
    for (; rest >= 128; rest >>>= 7) this.byte((rest & 127) | 128);
    this.byte(rest);
    const at = this.#take(length);
    this.#bytes.write(value, at);
  }

  #take(length: number): number {
    if (this.#end + length > this.#bytes.length) this.#next(length);
    const at = this.#end;
    this.#end += length;
    return at;
  }

  /** Goes on in another chunk, with what there is of the row. */
  #next(length: number): void {
    const begun = this.#bytes.subarray(this.#start, this.#end);
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(CHUNK, (begun.length + length) * 2));
    this.#view = new DataView(this.#bytes.buffer);
    this.#bytes.set(begun);
    this.#start = 0;
    this.#end = begun.length;
  }
}
