import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { ClickHouseLogLevel, createClient, type ClickHouseSettings } from "@clickhouse/client";
import { SettingsError } from "../../core/errors.ts";
import type { FrameworkSettings } from "../../core/settings.ts";
import { classified } from "./errors.ts";

/** A ClickHouse of any version, over HTTP. What goes wrong is thrown as what is to be done about it, see `classified`. */
export interface Server extends AsyncDisposable {
  /** For messages: where, without a password. */
  readonly place: string;
  readonly database: string;
  /** Runs a statement that answers nothing. */
  run(sql: string, action: string): Promise<void>;
  /** Rows of a SELECT that names no format. */
  rows<Row>(sql: string, action: string): Promise<Row[]>;
  /** Rows of a SELECT that reads a table `wanted` with these columns and lines (TabSeparated): beyond any limit on a query's length. */
  rowsAmong<Row>(sql: string, wanted: { columns: readonly string[]; lines: string }, action: string): Promise<Row[]>;
  /** Resolves when the rows are in. `lines`: TabSeparated. */
  insert(sql: string, lines: string, options: { queryId: string; settings: ClickHouseSettings }): Promise<void>;
}

const NATIVE_PORTS = new Set([9000, 9440]);

/** @throws SettingsError `clickhouse_port` */
export function openServer(settings: FrameworkSettings): Server {
  const { CLICKHOUSE_HOST = "", CLICKHOUSE_PORT: port, CLICKHOUSE_DATABASE: database, CLICKHOUSE_USER: user } = settings;
  if (NATIVE_PORTS.has(port))
    throw new SettingsError(
      "clickhouse_port",
      `clickhouse: CLICKHOUSE_PORT is ${port}, where ClickHouse speaks its native protocol: set it to the HTTP one, 8123 (8443 for https)`,
    );
  const place = `${CLICKHOUSE_HOST.includes("://") ? CLICKHOUSE_HOST : `http://${CLICKHOUSE_HOST}`}:${port}`;
  const client = createClient({
    url: place,
    database,
    username: user,
    password: settings.CLICKHOUSE_PASSWORD,
    request_timeout: settings.CLICKHOUSE_TIMEOUT_SECONDS * 1000,
    log: { level: ClickHouseLogLevel.OFF }, // it would print queries, with what is in them
  });

  async function asked<R>(action: string, work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (error) {
      throw classified(error, { action, place, database, user });
    }
  }

  return {
    place,
    database,
    run: (sql, action) => asked(action, async () => void (await client.command({ query: sql }))),
    rows: <Row>(sql: string, action: string) =>
      asked(action, async () => (await client.query({ query: sql, format: "JSONEachRow" })).json<Row>()),
    rowsAmong: <Row>(sql: string, { columns, lines }: { columns: readonly string[]; lines: string }, action: string) =>
      asked(action, async () => {
        const boundary = `arachne-${randomUUID()}`;
        const { stream } = await client.exec({
          query: `${sql} FORMAT JSONEachRow`,
          values: bytes(
            `--${boundary}\r\nContent-Disposition: form-data; name="wanted"; filename="wanted"\r\n\r\n${lines}\r\n--${boundary}--\r\n`,
          ),
          http_headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` },
          // https://clickhouse.com/docs/engines/table-engines/special/external-data: parameters, though they look like settings
          clickhouse_settings: {
            wanted_structure: columns.map((name) => `${name} String`).join(", "),
            wanted_format: "TabSeparated",
          },
        });
        const text = await textOf(stream);
        return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Row]));
      }),
    insert: (sql, lines, { queryId, settings: with_ }) =>
      asked("inserting", async () => {
        const { stream } = await client.exec({
          query: sql,
          values: bytes(lines),
          query_id: queryId,
          clickhouse_settings: with_,
        });
        await textOf(stream);
      }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

function bytes(text: string): Readable {
  return Readable.from([Buffer.from(text)], { objectMode: false });
}

async function textOf(stream: Readable): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
