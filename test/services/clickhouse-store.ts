import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { startClickHouse, type ClickHouseOptions } from "../../scripts/services/clickhouse.ts";
import { CLICKHOUSE_OLDEST } from "../../scripts/services/clickhouse-debian.ts";
import type { Service } from "../../scripts/services/process.ts";
import { SettingsError } from "../../src/core/errors.ts";

export interface Store {
  url: string;
  service: Service;
  /** Settings that lead a sink here. */
  settings: { CLICKHOUSE_HOST: string; CLICKHOUSE_PORT: number };
  /** Rows of a SELECT; any other statement is just run. */
  sql<Row = Record<string, unknown>>(query: string): Promise<Row[]>;
  /** Started again in its folder, on its port. */
  again(): Promise<void>;
  remove(): Promise<void>;
}

/** A ClickHouse of the test's own, of the oldest version unless another is named; undefined where its program cannot be had. */
export async function startStore(options: Partial<ClickHouseOptions> = {}): Promise<Store | undefined> {
  const dir = await mkdtemp(join(tmpdir(), "arachne-clickhouse-"));
  const start = (): Promise<Service> => startClickHouse({ version: CLICKHOUSE_OLDEST, ...options, dir });
  try {
    const service = await start();
    const { hostname, port } = new URL(service.url);
    const store: Store = {
      url: service.url,
      service,
      settings: { CLICKHOUSE_HOST: hostname, CLICKHOUSE_PORT: Number(port) },
      async sql<Row>(query: string) {
        const reads = /^\s*(SELECT|SHOW)/i.test(query);
        // Versions differ in whether they quote 64-bit numbers.
        const answer = await fetch(`${store.url}/?output_format_json_quote_64bit_integers=1`, {
          method: "POST",
          headers: { "X-ClickHouse-User": "default" },
          body: reads ? `${query} FORMAT JSONEachRow` : query,
        });
        const text = await answer.text();
        if (!answer.ok) throw new Error(text);
        return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Row]));
      },
      async again() {
        store.service = await start();
      },
      async remove() {
        await store.service.kill();
        await rm(dir, { recursive: true, force: true });
      },
    };
    return store;
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    if (error instanceof SettingsError && error.code === "service_tool_missing") return undefined;
    throw error;
  }
}

/** A server in front of another, that passes requests on, late if it must, and loses the answers to some; its port. */
export async function losingProxy(target: string, loses: (url: string) => boolean | Promise<boolean>): Promise<number> {
  const server = createServer((incoming, outgoing) => void passOn(incoming, outgoing));
  const passOn = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const lost = await loses(decodeURIComponent(incoming.url ?? "/"));
    const { method = "GET", headers } = incoming;
    const onward = request(new URL(incoming.url ?? "/", target), { method, headers }, (answer) => {
      if (lost) return void answer.resume().once("end", () => outgoing.destroy());
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once("error", () => outgoing.destroy());
    incoming.pipe(onward);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
