import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { TransientError } from "../../core/errors.ts";
import { textValue } from "../../core/schema/clickhouse.ts";
import type { Server } from "./server.ts";

const POLL_MS = 200;
/** Beyond it the write fails for now, and the stream's patience takes over. */
const WAIT_MS = 30_000;

/** Names the inserts of a sink so that the server can be asked which of them still run, whoever sent them. */
export interface Inserts {
  newId(partitions: Iterable<number>): string;
  /**
   * Resolves when no insert of these partitions runs any more: one whose sender was killed, or has lost the partitions to us. Only then does
   * a look into the table tell what it has. @throws TransientError `clickhouse_busy`
   */
  over(partitions: ReadonlySet<number>, signal: AbortSignal): Promise<void>;
  /**
   * A condition of the insert `queryId` that fails it (with `BUSY` in the server's words) where another of these partitions runs. The server
   * lists an insert before it looks, and until its rows are in: of two at once at least one fails, and one that passes sees all that there is.
   */
  alone(queryId: string, partitions: Iterable<number>): string;
}

/** Text that is no number: the server repeats it in its error. */
export const BUSY = "arachne_busy";

/** @param name the sink's, unlike all others that write into this server */
export function insertsOf(server: Server, name: string): Inserts {
  const prefix = `arachne/${name}/`;
  const ofSink = `startsWith(query_id, ${textValue(prefix)})`;
  return {
    newId: (partitions) => `${prefix}${[...partitions].join(",")}/${randomUUID()}`,
    async over(partitions, signal) {
      for (const until = performance.now() + WAIT_MS; ;) {
        const running = await server.rows<{ query_id: string }>(
          `SELECT query_id FROM system.processes WHERE ${ofSink}`,
          "asking what is still being inserted",
        );
        const ours = running.filter(({ query_id }) =>
          query_id
            .slice(prefix.length)
            .split("/")[0]!
            .split(",")
            .some((partition) => partitions.has(Number(partition))),
        );
        if (ours.length === 0) return;
        if (performance.now() > until)
          throw new TransientError(
            "clickhouse_busy",
            `clickhouse: waiting for ${ours[0]!.query_id} at ${server.place}: an insert whose sender is gone is still running: it is waited for, so that no row is inserted twice`,
          );
        await sleep(POLL_MS, undefined, { signal });
      }
    },
    alone(queryId, partitions) {
      const own = [...partitions].map((partition) => textValue(String(partition)));
      const theirs = `splitByChar(',', splitByChar('/', substring(query_id, ${Buffer.byteLength(prefix) + 1}))[1])`;
      return `(SELECT toUInt8(if(count() = 0, '0', '${BUSY}')) FROM system.processes
         WHERE ${ofSink} AND query_id != ${textValue(queryId)} AND hasAny(${theirs}, [${own.join(", ")}])) = 0`;
    },
  };
}
