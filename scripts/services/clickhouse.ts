import { mkdir, rm, writeFile } from "node:fs/promises";
import { arch } from "node:os";
import { join, resolve } from "node:path";
import { SettingsError } from "../../src/core/errors.ts";
import { cached, type Say } from "./cache.ts";
import { portFor } from "./port.ts";
import { startServer, type Service } from "./process.ts";
import { run } from "./tools.ts";

/** The newest that Debian 12 has. Old, so that what works with it works with any. */
const CLICKHOUSE_VERSION = "18.16";

export interface ClickHouseOptions {
  dir: string;
  port?: number;
  /** Of the user `default`; none: it needs no password. */
  password?: string;
  /** IANA zone that the server writes times in. */
  timezone?: string;
  say?: Say;
}

/** A ClickHouse that answers over HTTP on 127.0.0.1 and nowhere else; `url` is http://127.0.0.1:port. */
export async function startClickHouse({ dir, port, password = "", timezone = "UTC", say }: ClickHouseOptions): Promise<Service> {
  const program = await debianProgram(say);
  const base = resolve(dir);
  await mkdir(base, { recursive: true });
  const http = await portFor("clickhouse", base, port);
  const config = join(base, "config.xml");
  await writeFile(config, configFile(base, http, timezone));
  await writeFile(join(base, "users.xml"), usersFile(password));
  const url = `http://127.0.0.1:${http}`;
  const server = await startServer({
    name: "clickhouse",
    command: join(program, "usr/sbin/clickhouse-server"),
    args: [`--config-file=${config}`],
    env: { LD_LIBRARY_PATH: libraries(program) },
    cwd: base,
    logFile: join(base, "clickhouse.log"),
    ready: () => answers(url),
    readySeconds: 60,
  });
  return { ...server, url };
}

/** Debian's package with the libraries that this machine lacks, unpacked: nothing is installed, no service is made. */
function debianProgram(say: Say | undefined): Promise<string> {
  return cached(`clickhouse-${CLICKHOUSE_VERSION}`, async (into) => {
    say?.(`clickhouse: downloading Debian's ${CLICKHOUSE_VERSION}, 20 MB, once`);
    const planned = await run("apt-get", ["install", "--simulate", "--no-install-recommends", "clickhouse-server"]).catch(
      (cause: unknown) => {
        throw new SettingsError(
          "service_tool_missing",
          "services: looking for Debian's package clickhouse-server: apt has none here (it is in Debian 12): run apt-get update, or start a ClickHouse of your own and set CLICKHOUSE_HOST",
          { cause },
        );
      },
    );
    const lacking = [...planned.matchAll(/^Inst (\S+) /gm)].map(([, name]) => name!);
    // One that is installed already is not in the plan, but it is what we want a copy of.
    const packages = [...new Set([...lacking, "clickhouse-server", "clickhouse-common"])];
    const debs = join(into, "debs");
    await mkdir(debs);
    await run("apt-get", ["download", ...packages], { cwd: debs });
    await run("sh", ["-c", 'for deb in "$1"/*.deb; do dpkg-deb --extract "$deb" "$2" || exit 1; done', "sh", debs, into]);
    await rm(debs, { recursive: true });
  });
}

/** Debian's packages put libraries below /usr/lib and below /lib. */
function libraries(program: string): string {
  const triple = `${{ x64: "x86_64", arm64: "aarch64" }[arch()] ?? arch()}-linux-gnu`;
  const folders = ["usr/lib", "lib"].map((folder) => join(program, folder, triple));
  return [...folders, ...(process.env["LD_LIBRARY_PATH"]?.split(":") ?? [])].join(":");
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/ping`)).ok;
  } catch {
    return false;
  }
}

/** HTTP alone: no native port that another server on this machine could have. */
function configFile(base: string, http: number, timezone: string): string {
  return `<?xml version="1.0"?>
<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${http}</http_port>
  <path>${base}/data/</path>
  <tmp_path>${base}/tmp/</tmp_path>
  <user_files_path>${base}/user_files/</user_files_path>
  <format_schema_path>${base}/format_schemas/</format_schema_path>
  <users_config>users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <timezone>${timezone}</timezone>
  <mark_cache_size>67108864</mark_cache_size>
  <max_connections>256</max_connections>
  <keep_alive_timeout>10</keep_alive_timeout>
</yandex>
`;
}

function usersFile(password: string): string {
  const escaped = password.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<?xml version="1.0"?>
<yandex>
  <profiles><default><max_threads>2</max_threads><max_memory_usage>1000000000</max_memory_usage></default></profiles>
  <users>
    <default>
      <password>${escaped}</password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
    </default>
  </users>
  <quotas><default/></quotas>
</yandex>
`;
}
