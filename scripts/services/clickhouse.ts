import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Say } from "./cache.ts";
import { CLICKHOUSE_VERSION, chdbProgram } from "./chdb.ts";
import { CLICKHOUSE_OLDEST, debianProgram } from "./clickhouse-debian.ts";
import { portFor } from "./port.ts";
import { startServer, type Service } from "./process.ts";

const PROGRAMS = { [CLICKHOUSE_VERSION]: chdbProgram, [CLICKHOUSE_OLDEST]: debianProgram };
export type ClickHouseVersion = keyof typeof PROGRAMS;

/** What runs a server of one version. */
export interface ClickHouseProgram {
  command: string;
  /** @param config file of its settings, in the folder that it is started in */
  args(place: { config: string; data: string }): string[];
  env: Readonly<Record<string, string>>;
}

export interface ClickHouseOptions {
  dir: string;
  version?: ClickHouseVersion;
  port?: number;
  /** A user who needs a password, besides `default`, who needs none. */
  login?: { user: string; password: string };
  /** IANA zone that the server writes times in. */
  timezone?: string;
  say?: Say;
}

/** A ClickHouse that answers over HTTP on 127.0.0.1 and nowhere else; `url` is http://127.0.0.1:port. */
export async function startClickHouse({
  dir,
  version = CLICKHOUSE_VERSION,
  port,
  login,
  timezone = "UTC",
  say,
}: ClickHouseOptions): Promise<Service> {
  const program = await PROGRAMS[version](say);
  const base = resolve(dir);
  await mkdir(base, { recursive: true });
  const http = await portFor("clickhouse", base, port);
  const config = join(base, "config.xml");
  await writeFile(config, configFile(base, http));
  await writeFile(join(base, "users.xml"), usersFile(login));
  const url = `http://127.0.0.1:${http}`;
  const server = await startServer({
    name: "clickhouse",
    command: program.command,
    args: program.args({ config, data: join(base, "data") }),
    env: { ...program.env, TZ: timezone },
    cwd: base,
    logFile: join(base, "clickhouse.log"),
    ready: () => answers(url),
    readySeconds: 60,
  });
  return { ...server, url };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/ping`)).ok;
  } catch {
    return false;
  }
}

/**
 * HTTP alone: no native port that another server on this machine could have. Errors alone are logged, for 26.9 warns of its own small pools
 * all the time; the level is named twice, for a server's reading and for chdb's.
 */
function configFile(base: string, http: number): string {
  return `<?xml version="1.0"?>
<yandex>
  <logger><level>error</level><console>1</console></logger>
  <log-level>error</log-level>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${http}</http_port>
  <path>${base}/data/</path>
  <tmp_path>${base}/tmp/</tmp_path>
  <user_files_path>${base}/user_files/</user_files_path>
  <format_schema_path>${base}/format_schemas/</format_schema_path>
  <users_config>users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <mark_cache_size>67108864</mark_cache_size>
  <max_connections>256</max_connections>
  <keep_alive_timeout>10</keep_alive_timeout>
</yandex>
`;
}

function usersFile(login: ClickHouseOptions["login"]): string {
  const user = (name: string, password: string): string => `<${name}>
      <password>${password.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
    </${name}>`;
  return `<?xml version="1.0"?>
<yandex>
  <profiles><default><max_threads>2</max_threads><max_memory_usage>1000000000</max_memory_usage></default></profiles>
  <users>
    ${user("default", "")}
    ${login === undefined ? "" : user(login.user, login.password)}
  </users>
  <quotas><default/></quotas>
</yandex>
`;
}
