import { DuckDBTypeId, JsonDuckDBValueConverter, type DuckDBTimestampValue, type DuckDBType, type DuckDBValue } from "@duckdb/node-api";

/** What queries give: JSON's values, but for whole numbers beyond 2^53, which are bigints. */
export type Cell = string | number | boolean | bigint | null | readonly Cell[] | { readonly [name: string]: Cell };
export type Row = Record<string, Cell>;

type Converter = (value: DuckDBValue, type: DuckDBType, again: Converter) => Cell;

/**
 * A column's value as an item would hold it: dates and times (UTC) as ISO text, decimals as numbers (beyond 2^53 as text),
 * whole numbers exact.
 */
export const toCell: Converter = (value, type, again) => {
  if (value === null) return null;
  switch (type.typeId) {
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return exact(value as bigint);
    case DuckDBTypeId.DECIMAL:
      return decimal(String(value));
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return isoTime(value as DuckDBTimestampValue);
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return value as number; // the JSON converter would make texts of NaN and Infinity
    default:
      return JsonDuckDBValueConverter(value, type, again as typeof JsonDuckDBValueConverter);
  }
};

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function decimal(text: string): Cell {
  if (!text.includes(".")) return exact(BigInt(text));
  const number = Number(text);
  return Math.abs(number) < Number.MAX_SAFE_INTEGER ? number : text;
}

/** With milliseconds, as `Date.toISOString` writes it; microseconds where there are some. */
function isoTime(value: DuckDBTimestampValue): string {
  if (!value.isFinite) return String(value);
  const rest = ((value.micros % 1000n) + 1000n) % 1000n; // before 1970 the remainder is negative
  const iso = new Date(Number((value.micros - rest) / 1000n)).toISOString();
  return rest === 0n ? iso : iso.replace("Z", `${String(rest).padStart(3, "0")}Z`);
}
