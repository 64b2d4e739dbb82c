import { createHash } from "node:crypto";
import { quoted, type ClickHouseTable } from "../../core/schema/clickhouse.ts";
import { compileCheck, reasonOf } from "../../core/schema/check.ts";
import type { Refusal, SinkContext, SinkWriter, StreamEntry, Written } from "../../core/stream.ts";
import { failpoint } from "../../storage/failpoint.ts";
import type { Journal, PendingEntry } from "./journal.ts";
import { add, around, has, keyText, lookUp, type Found } from "./lookup.ts";
import type { Inserts } from "./running.ts";
import type { Server } from "./server.ts";
import { inPieces, NoPlace, receivedAs, rowEncoder, secondsOf, sentType } from "./row-binary.ts";

export interface WriterOptions {
  server: Server;
  table: ClickHouseTable;
  journal: Journal;
  inserts: Inserts;
  /** Seconds around a row's time within which another of its key is the same one. */
  window: number;
  /** Names of the insert's settings that this server knows. */
  known: ReadonlySet<string>;
  context: Pick<SinkContext, "signal" | "log">;
}

interface Candidate extends PendingEntry {
  row: Buffer;
  id: string;
}

/** Settings of an insert, each where the server has it. A micro-batch is one block, so it goes in whole, or (over several months) month by month. */
const SETTINGS: Record<string, (rows: readonly Candidate[]) => string | number> = {
  async_insert: () => 0,
  max_partitions_per_insert_block: () => 0,
  input_format_parallel_parsing: () => 0,
  // Rows told by what they are, not by their bytes: the server's own time differs in a repeated block.
  insert_deduplication_token: (rows) => {
    const hash = createHash("sha256");
    for (const { id, seconds } of rows) hash.update(`${id}\n${seconds}\n`);
    return hash.digest("hex");
  },
};
export const INSERT_SETTINGS = Object.keys(SETTINGS);

/**
 * Inserts each row once. The table itself is asked before every insert, as only it knows what other processes have written and what became
 * of an insert that got no answer; the journal says which inserts were begun and with which times, should they be read otherwise after a restart.
 */
export async function createWriter(options: WriterOptions): Promise<SinkWriter> {
  const { server, table, journal, inserts, window, known, context } = options;
  const check = compileCheck(table.item);
  const encode = rowEncoder(table.columns);
  const columns = table.columns.map((c) => quoted(c.name)).join(", ");
  const identity = [table.time, ...table.key].map(quoted).join(", ");
  const sentName = (name: string): string => `c${table.columns.findIndex((column) => column.name === name)}`;
  const structure = table.columns.map((c, i) => `c${i} ${sentType(c)}`).join(", ");
  const received = table.columns.map((c, i) => receivedAs(c, `c${i}`)).join(", ");
  const sentIdentity = [table.time, ...table.key].map(sentName).join(", ");
  /** Partitions of which nobody else's insert is under way. */
  const quiet = new Set<number>();
  const landed = await recover(options);

  function prepare({ item, partition, offset }: StreamEntry): Candidate | Omit<Refusal, "entry"> {
    const [wrong] = check(item) ?? [];
    if (wrong !== undefined) return { reason: reasonOf(wrong), detail: wrong.message };
    const row = encode(item);
    if (row instanceof NoPlace) return { reason: row.reason, detail: row.detail };
    const fields = item as Record<string, string>;
    const key = table.key.map((name) => fields[name]!);
    return { partition, offset, key, id: keyText(key), seconds: secondsOf(fields[table.time]!), row };
  }

  async function insert(rows: readonly Candidate[], partitions: ReadonlySet<number>): Promise<void> {
    const queryId = inserts.newId(partitions);
    journal.record({ query: queryId, entries: rows });
    failpoint("clickhouse_recorded");
    const settings = Object.fromEntries(INSERT_SETTINGS.filter((name) => known.has(name)).map((name) => [name, SETTINGS[name]!(rows)]));
    try {
      await server.insert(
        `INSERT INTO ${quoted(table.name)} (${columns}) SELECT ${received} FROM sent`,
        { name: "sent", structure, format: "RowBinary", rows: inPieces(rows.map(({ row }) => row)) },
        {
          queryId,
          // Once more, by the server itself: what others have inserted since we looked, when none of them is at it any more.
          where: `${inserts.alone(queryId, partitions)} AND (${sentIdentity}) NOT IN (SELECT ${identity} FROM ${quoted(table.name)} WHERE ${around(table, rows, 0)})`,
          settings,
        },
      );
    } catch (error) {
      quiet.clear(); // it may still be under way
      throw error;
    }
    failpoint("clickhouse_inserted");
  }

  return {
    async write(entries): Promise<Written> {
      const refused: Refusal[] = [];
      const candidates: Candidate[] = [];
      entries.forEach((entry, i) => {
        const candidate = prepare(entry);
        if ("reason" in candidate) refused.push({ entry: i, ...candidate });
        else if (landed.get(placeOf(candidate)) !== candidate.id) candidates.push(candidate);
      });
      const partitions = new Set(candidates.map((c) => c.partition));
      if ([...partitions].some((partition) => !quiet.has(partition))) {
        await inserts.over(partitions, context.signal);
        for (const partition of partitions) quiet.add(partition);
      }
      const there: Found = await lookUp(server, table, candidates, window);
      const fresh = candidates.filter(({ id, seconds }) => {
        if (has(there, id, seconds, window)) return false;
        add(there, id, seconds);
        return true;
      });
      if (fresh.length > 0) await insert(fresh, partitions);
      return { written: fresh.length, kept: entries.length - refused.length - fresh.length, refused };
    },
    async [Symbol.asyncDispose]() {
      journal.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The rows of inserts begun earlier that the table has, by the places of their messages. */
async function recover({ server, table, journal, inserts, context }: WriterOptions): Promise<Map<string, string>> {
  const landed = new Map<string, string>();
  const pending = journal.pending().flatMap((batch) => batch.entries);
  if (pending.length === 0) return landed;
  await inserts.over(new Set(pending.map((entry) => entry.partition)), context.signal);
  const found = await lookUp(server, table, pending, 0);
  for (const entry of pending) {
    const id = keyText(entry.key);
    if (has(found, id, entry.seconds, 0)) landed.set(placeOf(entry), id);
  }
  context.log.debug(
    `clickhouse: of ${pending.length} rows noted before their insert, ${landed.size} are in ${server.database}.${table.name}`,
  );
  return landed;
}

function placeOf({ partition, offset }: PendingEntry): string {
  return `${partition}:${offset}`;
}
