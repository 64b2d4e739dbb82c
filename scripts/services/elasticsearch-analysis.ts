import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./tools.ts";

const NAME = "FoldingAnalysis";

/**
 * Compiles our plugin into Elasticsearch's folder: `asciifolding` and `mapping`, which finding Vietnamese text without its diacritics needs and
 * this build lacks. Without a Java compiler there is none, and Arachne says so when it makes an index.
 */
export async function addFoldingAnalysis(home: string, version: string, java: string): Promise<void> {
  const compiler = join(java, "bin/javac");
  if (!existsSync(compiler)) return;
  const plugin = join(home, "plugins/folding-analysis");
  const classes = join(plugin, "classes");
  await mkdir(classes, { recursive: true });
  const jars = (await readdir(join(home, "lib"))).filter((file) => file.endsWith(".jar")).map((file) => join(home, "lib", file));
  const source = join(import.meta.dirname, "elasticsearch-analysis", `${NAME}.java`);
  await run(compiler, ["--release", "17", "-proc:none", "-nowarn", "-cp", jars.join(":"), "-d", classes, source]);
  await run(join(java, "bin/jar"), ["--create", "--file", join(plugin, "folding-analysis.jar"), "-C", classes, "."]);
  await run("rm", ["-r", classes]);
  const descriptor = {
    name: "folding-analysis",
    description: "asciifolding and mapping, as of analysis-common",
    version,
    classname: NAME,
    "java.version": "17",
    "elasticsearch.version": version,
  };
  const lines = Object.entries(descriptor).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(plugin, "plugin-descriptor.properties"), lines.join(""));
}
