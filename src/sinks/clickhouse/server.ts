import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { ClickHouseLogLevel, createClient, type ClickHouseSettings } from "@clickhouse/client";
import { SettingsError } from "../../core/errors.ts";
import { textValue } from "../../core/schema/clickhouse.ts";
import type { FrameworkSettings } from "../../core/settings.ts";
import { failpoint } from "../../storage/failpoint.ts";
import { classified } from "./errors.ts";

/** Rows that a statement reads as a table of this name. */
export interface SentTable {
  name: string;
  /** Names with types. */
  structure: string;
  format: "RowBinary" | "TabSeparated";
  rows: readonly Buffer[];
}

/** A ClickHouse of any version, over HTTP. What goes wrong is thrown as what is to be done about it, see `classified`. */
export interface Server extends AsyncDisposable {
  /** For messages: where, without a password. */
  readonly place: string;
  readonly database: string;
  /** Runs a statement that answers nothing. */
  run(sql: string, action: string): Promise<void>;
  /** Rows of a SELECT that names no format. */
  rows<Row>(sql: string, action: string): Promise<Row[]>;
  /** The same of one that reads a table sent with it: beyond any limit on a query's length. */
  rowsAmong<Row>(sql: string, wanted: SentTable, action: string): Promise<Row[]>;
  /**
   * Runs `INSERT … SELECT …` from a table sent with it; resolves when the rows are in. `select` gets its WHERE from here: a request that was
   * cut off, because we were killed, inserts nothing. (As the body of a plain INSERT a server of 2018 takes it for whole: it inserts what has
   * come, and in a text format the half row at its end too.)
   */
  insert(select: string, sent: SentTable, options: { queryId: string; where: string; settings: ClickHouseSettings }): Promise<void>;
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
    // Servers of 2018 leave the end of a body unread, and take it for the beginning of the next request.
    keep_alive: { enabled: false },
    log: { level: ClickHouseLogLevel.OFF }, // it would print queries, with what is in them
  });

  async function asked<R>(action: string, work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (error) {
      throw classified(error, { action, place, database, user });
    }
  }

  /** https://clickhouse.com/docs/engines/table-engines/special/external-data */
  async function withTables(sql: string, sent: readonly SentTable[], also: ClickHouseSettings = {}, queryId?: string): Promise<string> {
    const boundary = `arachne-${randomUUID()}`;
    const body = [
      ...sent.flatMap(({ name, rows }) => [
        Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\n\r\n`),
        ...rows,
        Buffer.from("\r\n"),
      ]),
      Buffer.from(`--${boundary}--`),
    ];
    const length = body.reduce((sum, part) => sum + part.length, 0);
    // Parameters of the request, though the client knows them as settings only.
    const forms = sent.flatMap(({ name, structure, format }) => [
      [`${name}_structure`, structure],
      [`${name}_format`, format],
    ]);
    const { stream } = await client.exec({
      query: sql,
      values: inHalves(body, length),
      http_headers: { "Content-Type": `multipart/form-data; boundary=${boundary}`, "Content-Length": String(length) },
      clickhouse_settings: { ...also, ...Object.fromEntries(forms) } as ClickHouseSettings,
      ...(queryId === undefined ? {} : { query_id: queryId }),
    });
    return textOf(stream);
  }

  return {
    place,
    database,
    run: (sql, action) => asked(action, async () => void (await client.command({ query: sql }))),
    rows: <Row>(sql: string, action: string) =>
      asked(action, async () => (await client.query({ query: sql, format: "JSONEachRow" })).json<Row>()),
    rowsAmong: <Row>(sql: string, wanted: SentTable, action: string) =>
      asked(action, async () => {
        const text = await withTables(`${sql} FORMAT JSONEachRow`, [wanted]);
        return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Row]));
      }),
    insert: (select, sent, { queryId, where, settings: with_ }) =>
      asked("inserting", async () => {
        const last: SentTable = { name: "whole", structure: "mark String", format: "TabSeparated", rows: [Buffer.from(`${queryId}\n`)] };
        await withTables(`${select} WHERE (SELECT mark FROM whole) = ${textValue(queryId)} AND ${where}`, [sent, last], with_, queryId);
      }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** So that the tests can kill us when the server has one part of a request and not the other. */
function inHalves(parts: readonly Buffer[], length: number): Readable {
  return Readable.from(
    (function* () {
      let left = length >> 1;
      for (const part of parts) {
        if (left < 0 || part.length <= left) yield part;
        else {
          yield part.subarray(0, left);
          failpoint("clickhouse_sending");
          yield part.subarray(left);
        }
        left -= part.length;
      }
    })(),
    { objectMode: false, highWaterMark: 0 },
  );
}

async function textOf(stream: Readable): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
