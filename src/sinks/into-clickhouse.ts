import { resolve } from "node:path";
import type { ItemType } from "../core/item.ts";
import { tableOf } from "../core/schema/clickhouse.ts";
import type { SinkContext, StreamSink } from "../core/stream.ts";

type Given<V> = V | ((c: Pick<SinkContext, "settings">) => V);

export interface IntoClickHouse<T extends object> {
  /** The table's name. */
  table: Given<string>;
  /** What a row is: its fields become the columns, its key (texts) tells rows apart. */
  item: ItemType<T>;
  /** The field with a row's time: the table is sorted by it, then by the key, and partitioned by its month. To the second. */
  time: keyof T & string;
  /**
   * Seconds. Two rows of one key whose times are no further apart are one: the first to come stays, the other is counted as kept. 0: only
   * those of the same second.
   */
  dedupWindow?: Given<number>;
  /** Name of a column beside the item's, in which the server notes when it inserted a row. */
  stamp?: string;
}

/**
 * A sink: rows in a ClickHouse table, each once, however often its message comes. Without CLICKHOUSE_HOST: the same rows in a table of the
 * embedded store.
 */
export function intoClickHouse<T extends object>(spec: IntoClickHouse<T>): StreamSink<T> {
  return {
    async open(c) {
      const given = <V>(value: Given<V>): V => (typeof value === "function" ? (value as (c: SinkContext) => V)(c) : value);
      const { item, time, stamp } = spec;
      const table = tableOf({ name: given(spec.table), item, time, stamp, engine: c.settings.CLICKHOUSE_ENGINE });
      const window = given(spec.dedupWindow ?? 0);
      if (c.settings.CLICKHOUSE_HOST !== undefined) {
        // Loaded where it is needed only.
        const { openClickHouseWriter } = await import("./clickhouse/sink.ts");
        return openClickHouseWriter(table, window, c);
      }
      const { openEmbeddedRows } = await import("./embedded-rows.ts");
      return openEmbeddedRows(resolve(c.root, c.settings.SERVING_PATH), table, window, c.now);
    },
  };
}
