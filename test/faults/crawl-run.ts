import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openEmbeddedTopic } from "../../src/topics/embedded.ts";

const ROOT = join(import.meta.dirname, "../..");

export interface Ledger {
  state: string;
  requests: number;
  parsed: number;
  emitted: number;
  stored: number;
  dropped: Record<string, number>;
  delivered: Record<string, number>;
  remainder: string[];
}

export interface RunResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
  ledger: Ledger | undefined;
}

export interface RunOptions {
  dir: string;
  start: string;
  failpoint?: string;
  settings?: readonly string[];
  onSpawn?: (child: ChildProcess) => void;
}

/** Runs the fault spider as users do, in a process of its own, until it ends or kills itself at its failpoint. */
export function runCrawl({ dir, start, failpoint, settings = [], onSpawn }: RunOptions): Promise<RunResult> {
  const set = [`STATE_DIR=${dir}/state`, `TOPIC_DIR=${dir}/topics`, `BATCH_OUTPUT_DIR=${dir}/batch`, ...settings].flatMap((s) => ["-s", s]);
  const child = spawn(
    process.execPath,
    [join(ROOT, "bin/arachne.mjs"), "crawl", "fault_spider", "-a", `start=${start}`, "--json", ...set],
    {
      cwd: join(import.meta.dirname, "project"),
      env: { ...process.env, ...(failpoint === undefined ? {} : { ARACHNE_FAILPOINT: failpoint }) },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  onSpawn?.(child);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) =>
    child.on("close", (code, signal) =>
      resolve({ code, signal, stderr, ledger: stdout.trim() === "" ? undefined : (JSON.parse(stdout) as Ledger) }),
    ),
  );
}

export interface Output {
  /** URLs in batch files, as often as they stand there. */
  batch: string[];
  /** The same of the topic. */
  topic: string[];
  /** Published files that are not whole, and hidden leftovers. */
  broken: string[];
}

export async function readOutput(dir: string): Promise<Output> {
  const folder = join(dir, "batch");
  const names = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((f) => f.isFile())
        .map((f) => f.name)
    : [];
  const broken = names.filter((name) => name.startsWith("."));
  const batch: string[] = [];
  for (const name of names.filter((n) => n.endsWith(".json") && !n.startsWith("."))) {
    try {
      batch.push(...(JSON.parse(readFileSync(join(folder, name), "utf8")) as { url: string }[]).map((item) => item.url));
    } catch {
      broken.push(name);
    }
  }
  return { batch, topic: await readTopic(join(dir, "topics")), broken };
}

async function readTopic(dir: string): Promise<string[]> {
  const topic = openEmbeddedTopic({ dir, name: "bench", retentionHours: 0, now: () => new Date() });
  const urls: string[] = [];
  const controller = new AbortController();
  if ((await topic.lag("check")) > 0)
    for await (const batch of topic.consume({ group: "check", signal: controller.signal, maxMessages: 10_000 })) {
      urls.push(...batch.messages.map((m) => (JSON.parse(m.value) as { url: string }).url));
      await batch.commit();
      if ((await topic.lag("check")) === 0) break;
    }
  await topic.close();
  return urls;
}
