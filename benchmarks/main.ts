import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [name, ...args] = process.argv.slice(2);
const file = join(import.meta.dirname, `${name}.bench.ts`);
if (name === undefined || !existsSync(file)) {
  const known = readdirSync(import.meta.dirname)
    .filter((f) => f.endsWith(".bench.ts"))
    .map((f) => f.replace(".bench.ts", ""));
  console.error(`usage: npm run bench NAME, with NAME one of ${known.join(", ")}`);
  process.exitCode = 2;
} else {
  const { default: bench } = (await import(pathToFileURL(file).href)) as { default: (args: readonly string[]) => Promise<void> };
  await bench(args);
}
