import { DuckDBTypeId, JsonDuckDBValueConverter, type DuckDBTimestampValue, type DuckDBType, type DuckDBValue } from "@duckdb/node-api";
import { exactDecimal, exactInteger, isoTime, type Cell } from "./cells.ts";

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
      return exactInteger(value as bigint);
    case DuckDBTypeId.DECIMAL:
      return exactDecimal(String(value));
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_TZ: {
      const time = value as DuckDBTimestampValue;
      return time.isFinite ? isoTime(time.micros) : String(time);
    }
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return value as number; // the JSON converter would make texts of NaN and Infinity
    default:
      return JsonDuckDBValueConverter(value, type, again as typeof JsonDuckDBValueConverter);
  }
};
