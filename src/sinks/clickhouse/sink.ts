import { join } from "node:path";
import type { ClickHouseTable } from "../../core/schema/clickhouse.ts";
import { textValue } from "../../core/schema/clickhouse.ts";
import type { SinkContext, SinkWriter } from "../../core/stream.ts";
import { openJournal } from "./journal.ts";
import { insertsOf } from "./running.ts";
import { openServer } from "./server.ts";
import { ensureTable } from "./table.ts";
import { createWriter, INSERT_SETTINGS } from "./writer.ts";

/**
 * @param window seconds, see `IntoClickHouse.dedupWindow`
 * @throws SettingsError when the server, the login, the database or the table is not what the settings say; TransientError when it is down
 */
export async function openClickHouseWriter(table: ClickHouseTable, window: number, c: SinkContext): Promise<SinkWriter> {
  const server = openServer(c.settings);
  try {
    await ensureTable(server, table);
    const known = await server.rows<{ name: string }>(
      `SELECT name FROM system.settings WHERE name IN (${INSERT_SETTINGS.map(textValue).join(", ")})`,
      "asking what it can",
    );
    const name = `${c.stream}.${c.sink}`;
    const target = `${server.place}/${server.database}/${table.name}`;
    const journal = openJournal(join(c.settings.CHECKPOINT_LOCATION, `${name}.db`), target, c.now);
    try {
      return await createWriter({
        server,
        table,
        journal,
        inserts: insertsOf(server, `${server.database}.${table.name}/${name}`),
        window,
        known: new Set(known.map((setting) => setting.name)),
        context: c,
      });
    } catch (error) {
      journal.close();
      throw error;
    }
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}
