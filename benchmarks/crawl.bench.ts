/**
 * `npm run bench crawl [rounds]`: Arachne beside Scrapy 2.19 on the same site (4,200 pages of ~27 kB, 20 fields, three
 * stages), alternating, whole-process CPU seconds, and the output compared field by field. Needs Go and Python 3.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { measure, median, type Measured } from "./measure.ts";

const ROOT = join(import.meta.dirname, "..");
const PEER = join(ROOT, "../shared/peers/crawl");
const PAGES = 4200;
const START = "http://127.0.0.1:18080/L/200/page/1";

type Item = Record<string, unknown>;

export default async function bench(args: readonly string[]): Promise<void> {
  if (!existsSync(PEER)) throw new Error(`bench: ${PEER} is not here: the page server and the Scrapy spider come from ../shared`);
  const rounds = Number(args[0] ?? 3);
  const work = mkdtempSync(join(tmpdir(), "arachne-bench-"));
  const python = scrapyPython();
  const script = join(work, "scrapy_peer.py");
  // The peer deletes its output; here it is compared.
  writeFileSync(
    script,
    readFileSync(join(PEER, "run.py"), "utf8")
      .replace("__import__('tempfile').mkdtemp(prefix='scrapy-')", "os.environ['OUT']")
      .replace("shutil.rmtree(OUT)", "pass"),
  );
  execFileSync("go", ["build", "-o", join(work, "pages"), "."], { cwd: PEER, stdio: "inherit" });
  const server = spawn(join(work, "pages"), { stdio: "ignore" });
  try {
    await until(START);
    const ours: Measured[] = [];
    const theirs: Measured[] = [];
    for (let round = 1; round <= rounds; round++) {
      const [a, b] = [join(work, `arachne-${round}`), join(work, `scrapy-${round}`)];
      mkdirSync(b);
      ours.push(await arachne(a));
      theirs.push(await measure(python, [script, "200", "16", "asyncio"], { env: { OUT: b } }));
      compare(readItems(join(a, "batch")), readItems(b));
      print(round, ours.at(-1)!, theirs.at(-1)!);
    }
    const [x, y] = [median(ours.map((m) => m.cpu)), median(theirs.map((m) => m.cpu))];
    console.log(
      `median: arachne ${x.toFixed(2)} CPU s, scrapy ${y.toFixed(2)} CPU s: ${(y / x).toFixed(2)}x; arachne's peak memory ${Math.max(...ours.map((m) => m.rss)).toFixed(0)} MB`,
    );
  } finally {
    server.kill();
    rmSync(work, { recursive: true, force: true });
  }
}

function arachne(dir: string): Promise<Measured> {
  const set = (name: string, value: string): string[] => ["-s", `${name}=${value}`];
  return measure(
    join(ROOT, "bin/arachne.mjs"), // as `npx arachne` runs it
    [
      "crawl",
      "bench_spider",
      "--json",
      ...set("STATE_DIR", join(dir, "state")),
      ...set("BATCH_OUTPUT_DIR", join(dir, "batch")),
      ...set("TOPIC_DIR", join(dir, "topics")),
    ],
    { cwd: join(ROOT, "benchmarks/crawl") },
  );
}

/** Scrapy in a venv of its own, kept between runs. */
function scrapyPython(): string {
  const venv = join(tmpdir(), "arachne-bench-scrapy-2.19");
  const python = join(venv, "bin/python");
  if (!existsSync(join(venv, "ready"))) {
    execFileSync("python3", ["-m", "venv", venv], { stdio: "inherit" });
    execFileSync(python, ["-m", "pip", "install", "-q", "scrapy==2.19.*"], { stdio: "inherit" });
    writeFileSync(join(venv, "ready"), "");
  }
  return python;
}

function readItems(dir: string): Map<string, Item> {
  const items = readdirSync(dir)
    .filter((f) => f.endsWith(".json"))
    .flatMap((f) => JSON.parse(readFileSync(join(dir, f), "utf8")) as Item[]);
  return new Map(items.map((item) => [String(item["url"]), item]));
}

function compare(ours: Map<string, Item>, theirs: Map<string, Item>): void {
  let fields = 0;
  const wrong: string[] = [];
  if (ours.size !== 4000 || theirs.size !== 4000) wrong.push(`items: ${ours.size} and ${theirs.size}, not 4000`);
  for (const [url, item] of theirs)
    for (const [field, value] of Object.entries(item)) {
      fields++;
      if (!isDeepStrictEqual(ours.get(url)?.[field], value))
        wrong.push(`${url} ${field}: ${brief(ours.get(url)?.[field])} and ${brief(value)}`);
    }
  if (wrong.length > 0)
    throw new Error(`bench: outputs differ in ${wrong.length} of ${fields} fields, first: ${wrong.slice(0, 3).join("; ")}`);
  console.log(`${fields.toLocaleString("en-US")} fields equal`);
}

const brief = (value: unknown): string => JSON.stringify(value ?? null).slice(0, 100);

function print(round: number, ours: Measured, theirs: Measured): void {
  const line = (name: string, m: Measured): string =>
    `${name} ${m.cpu.toFixed(2)} CPU s (${((m.cpu / PAGES) * 1000).toFixed(2)} ms a page), ${m.wall.toFixed(1)} s, ${m.rss.toFixed(0)} MB`;
  console.log(`round ${round}: ${line("arachne", ours)}; ${line("scrapy", theirs)}; ${(theirs.cpu / ours.cpu).toFixed(2)}x`);
}

async function until(url: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (
      await fetch(url).then(
        (r) => r.ok,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`bench: the page server does not answer at ${url}`);
}
