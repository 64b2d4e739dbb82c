import { mkdir, rm } from "node:fs/promises";
import { arch } from "node:os";
import { join } from "node:path";
import { SettingsError } from "../../src/core/errors.ts";
import { cached, type Say } from "./cache.ts";
import type { ClickHouseProgram } from "./clickhouse.ts";
import { run } from "./tools.ts";

/** The newest that Debian 12 has. Old, so that what works with it works with any. */
export const CLICKHOUSE_OLDEST = "18.16";

/** Debian's package with the libraries that this machine lacks, unpacked: nothing is installed, no service is made. */
export async function debianProgram(say: Say | undefined): Promise<ClickHouseProgram> {
  const program = await cached(`clickhouse-${CLICKHOUSE_OLDEST}`, (into) => download(into, say));
  return {
    command: join(program, "usr/sbin/clickhouse-server"),
    args: ({ config }) => [`--config-file=${config}`],
    env: { LD_LIBRARY_PATH: libraries(program) },
  };
}

async function download(into: string, say: Say | undefined): Promise<void> {
  say?.(`clickhouse: downloading Debian's ${CLICKHOUSE_OLDEST}, 20 MB, once`);
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
}

/** Debian's packages put libraries below /usr/lib and below /lib. */
function libraries(program: string): string {
  const triple = `${{ x64: "x86_64", arm64: "aarch64" }[arch()] ?? arch()}-linux-gnu`;
  const folders = ["usr/lib", "lib"].map((folder) => join(program, folder, triple));
  return [...folders, ...(process.env["LD_LIBRARY_PATH"]?.split(":") ?? [])].join(":");
}
