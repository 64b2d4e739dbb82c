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
}

/** @param name the sink's, unlike all others that write into this server */
export function insertsOf(server: Server, name: string): Inserts {
  const prefix = `arachne/${name}/`;
  return {
    newId: (partitions) => `${prefix}${[...partitions].join(",")}/${randomUUID()}`,
    async over(partitions, signal) {
      for (const until = performance.now() + WAIT_MS; ;) {
        const running = await server.rows<{ query_id: string }>(
          `SELECT query_id FROM system.processes WHERE startsWith(query_id, ${textValue(prefix)})`,
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
  };
}
