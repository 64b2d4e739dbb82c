import { ArachneError, describeError, RejectedError, SettingsError, TransientError } from "../../core/errors.ts";
import { BUSY } from "./running.ts";

/** Numbers from ClickHouse's src/Common/ErrorCodes.cpp, the same in all versions. */
const LOGIN = new Set([192, 193, 194, 195, 516]);
const FORBIDDEN = new Set([164, 291, 497]);
const UNKNOWN_DATABASE = 81;
const UNKNOWN_TABLE = 60;
const SQL = new Set([16, 46, 47, 62, 115]);
/** What a value cannot be read as, or a constraint or a DEFAULT of the table's owner that it breaks. Not 32 and 33: a request that was cut off. */
const ROW = new Set([6, 25, 26, 27, 38, 41, 53, 69, 70, 72, 117, 130, 131, 153, 321, 349, 395, 407, 469, 691]);

export interface Doing {
  /** What we were about, for the message. */
  action: string;
  /** Of the server: where and as whom, without a password. */
  place: string;
  database: string;
  user: string;
}

/** Whatever the client has thrown, as what is to be done about it. A code that we do not know is tried again: servers restart, replicas lag. */
export function classified(error: unknown, { action, place, database, user }: Doing): ArachneError {
  if (error instanceof ArachneError) return error;
  const text = describeError(error);
  const said = `clickhouse: ${action} at ${place}`;
  const code = codeOf(error);
  if (/Port \d+ is for clickhouse-client|must use port/i.test(text) || (code === undefined && text.includes("Parse Error")))
    return new SettingsError(
      "clickhouse_port",
      `${said}: that port speaks the native protocol: set CLICKHOUSE_PORT to the HTTP one, 8123`,
      {
        cause: error,
      },
    );
  if (code === undefined)
    return new TransientError(
      "clickhouse_unavailable",
      `${said}: no answer: see that it runs and that CLICKHOUSE_HOST and CLICKHOUSE_PORT (HTTP, 8123) are its own`,
      {
        cause: error,
      },
    );
  const settings = (name: string, what: string): SettingsError => new SettingsError(name, `${said}: ${what}`, { cause: error });
  if (LOGIN.has(code)) return settings("clickhouse_login", `it does not let ${user} in: check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD`);
  if (FORBIDDEN.has(code))
    return settings("clickhouse_rights", `${user} may not do that: grant it SELECT, INSERT and CREATE TABLE on ${database}`);
  if (code === UNKNOWN_DATABASE)
    return settings("clickhouse_database", `there is no database ${database}: create it, or set CLICKHOUSE_DATABASE`);
  if (code === UNKNOWN_TABLE) return settings("clickhouse_table_gone", "the table is gone: start again, and it is made anew");
  if (SQL.has(code)) return settings("clickhouse_table", `the table is not as it was: ${text.slice(0, 300)}`);
  if (text.includes(BUSY))
    return new TransientError(
      "clickhouse_busy",
      `${said}: another process is inserting rows of the same partitions: tried again when it is done`,
      {
        cause: error,
      },
    );
  if (ROW.has(code)) return new RejectedError("refused_by_store", `${said}: it refuses a row: ${text.slice(0, 500)}`, { cause: error });
  return new TransientError("clickhouse_failed", `${said}: error ${code}: see what it says, and its log: it is tried again`, {
    cause: error,
  });
}

/** Servers of 2018 write `Code: 81, e.displayText()`, which the client does not know; newer ones `Code: 81. DB::Exception`. */
export function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const own = (error as { code?: unknown }).code;
  if (typeof own === "string" && /^\d+$/.test(own)) return Number(own);
  const found = /^(?:Code|Error): (\d+)/.exec(error.message)?.[1];
  return found === undefined ? undefined : Number(found);
}
