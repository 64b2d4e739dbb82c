import { tableFromIPC, Type, type Data, type DataType, type Decimal, type Struct, type Vector } from "apache-arrow";
import { ArachneError } from "../../core/errors.ts";
import { exactDecimal, exactInteger, isoTime, type Cell, type Row } from "../../storage/cells.ts";

type Reader = (index: number) => Cell;

const DAY_MS = 86_400_000;

/** The rows of an Arrow IPC stream, with the values that DuckDB's results have. */
export function rowsOf(stream: Uint8Array): Row[] {
  const rows: Row[] = [];
  for (const batch of tableFromIPC(stream).batches) {
    const columns = batch.schema.fields.map((field, i) => [field.name, reader(batch.getChildAt(i)!, field.name)] as const);
    for (let i = 0; i < batch.numRows; i++) {
      const row: Row = {};
      for (const [name, read] of columns) row[name] = read(i);
      rows.push(row);
    }
  }
  return rows;
}

/** @throws ArachneError `query_failed` for a type that no item has */
function reader(vector: Vector, name: string): Reader {
  const value = valueReader(vector, name);
  return (i) => (vector.isValid(i) ? value(i) : null);
}

/** Arrow's own getters round times to milliseconds and hide a decimal's sign: where it matters the buffers are read. */
function valueReader(vector: Vector, name: string): Reader {
  const type = vector.type as DataType;
  const data = vector.data[0] as Data | undefined;
  switch (type.typeId) {
    case Type.Null:
      return () => null;
    case Type.Bool:
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Float:
      return (i) => vector.get(i) as Cell;
    case Type.Int:
      return (i) => {
        const value = vector.get(i) as number | bigint;
        return typeof value === "bigint" ? exactInteger(value) : value;
      };
    case Type.Decimal: {
      const words = data?.values as Uint32Array;
      const { scale } = type as Decimal;
      return (i) => exactDecimal(decimalText(words, i, scale));
    }
    case Type.Date: {
      const days = data?.values as Int32Array;
      return (i) => new Date(days[i]! * DAY_MS).toISOString().slice(0, 10);
    }
    case Type.Timestamp: {
      const micros = data?.values as BigInt64Array;
      return (i) => isoTime(micros[i]!);
    }
    case Type.Struct: {
      const fields = (type as Struct).children.map(
        (field, n) => [field.name, reader(vector.getChildAt(n)!, `${name}.${field.name}`)] as const,
      );
      return (i) => Object.fromEntries(fields.map(([field, read]) => [field, read(i)]));
    }
    case Type.List:
      return (i) => {
        const items = vector.get(i) as Vector;
        const read = reader(items, name);
        return Array.from({ length: items.length }, (_, n) => read(n));
      };
    default:
      throw new ArachneError("query_failed", `spark: column ${name} is of type ${Type[type.typeId]}: cast it to STRING`);
  }
}

/** 128 bits in two's complement, the least significant word first. */
function decimalText(words: Uint32Array, index: number, scale: number): string {
  const [a = 0, b = 0, c = 0, d = 0] = words.subarray(4 * index, 4 * index + 4);
  const value = (BigInt(d | 0) << 96n) | (BigInt(c) << 64n) | (BigInt(b) << 32n) | BigInt(a);
  if (scale === 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
