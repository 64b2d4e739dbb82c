import { join } from "node:path";
import { cached, type Say } from "./cache.ts";
import type { ClickHouseProgram } from "./clickhouse.ts";
import { run } from "./tools.ts";

/** Of PyPI's chdb-core, which is numbered after the ClickHouse that it is. */
const CHDB_VERSION = "26.9.0";
export const CLICKHOUSE_VERSION = "26.9";

/**
 * chdb is all of ClickHouse as a library. Its `query` is the main program of clickhouse-local, which since 26.6 can open ClickHouse's own HTTP
 * port; its settings are those of the config.xml in the current folder. A query that does not end keeps it open.
 */
const SERVER = `
import importlib.machinery, importlib.util, sys
program, data = sys.argv[1:]
loader = importlib.machinery.ExtensionFileLoader("_chdb", program)
chdb = importlib.util.module_from_spec(importlib.util.spec_from_file_location("_chdb", program, loader=loader))
loader.exec_module(chdb)
result = chdb.query("SYSTEM START LISTEN HTTP; SELECT sleepEachRow(3) FROM system.numbers SETTINGS max_block_size = 1 FORMAT Null", "TabSeparated", path=data)
sys.exit(result.error_message() or 1)
`;

/** PyPI's wheel, unpacked into the cache; no package of the machine's Python is touched. */
export async function chdbProgram(say: Say | undefined): Promise<ClickHouseProgram> {
  await run("python3", ["--version"]); // says what to install where there is none
  const program = await cached(`chdb-${CHDB_VERSION}`, async (into) => {
    say?.(`clickhouse: downloading chdb-core ${CHDB_VERSION} with pip, 182 MB, once`);
    const show = process.stderr.isTTY;
    const options = [...(show ? [] : ["-q"]), "--no-deps", "--no-compile", "--no-cache-dir", "--target", into];
    await run("python3", ["-m", "pip", "install", ...options, `chdb-core==${CHDB_VERSION}`], { show });
  });
  return {
    command: "python3",
    args: ({ data }) => ["-c", SERVER, join(program, "chdb/_chdb.abi3.so"), data],
    env: {},
  };
}
