import { mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { cannotWrite, writeWhole } from "../storage/atomic-file.ts";

/** What is durable of one crawl's items in a file. Kept beside it, hidden, so that a batch that comes again is known. */
interface Progress {
  spider: string;
  /** Start of the crawl, which names it. */
  crawl: string;
  /** Outbox number of the last item that is in. */
  to: number;
  /** Bytes of the file that count; what is behind them a crash left half written. */
  size: number;
}

export interface AppendOnce {
  /** `moved`: items of this crawl were in, and have been moved elsewhere since. */
  readonly state: "new" | "growing" | "moved";
  /** Appends text that holds the items up to outbox number `to`, unless it is in. */
  append(to: number, text: string): Promise<void>;
  /** Removes the file; that its items came is remembered. */
  move(): Promise<void>;
}

export interface AppendOptions {
  spider: string;
  crawl: Date;
  /** Keeps what the file holds before the crawl's first item. */
  keep: boolean;
  /** What an empty file begins with. */
  head?: string;
}

/**
 * A file that a crawl's batches are appended to exactly once, although each may come again after a crash: text is made
 * durable first, then how far it reaches; what reaches further at the next start is cut off.
 * @throws CriticalError `file_write`
 */
export async function openAppendOnce(file: string, { spider, crawl, keep, head = "" }: AppendOptions): Promise<AppendOnce> {
  const record = hiddenBeside(file, "progress");
  const found = await readProgress(record);
  const actual = await sizeOf(file);
  const resumed = found !== undefined && found.spider === spider && found.crawl === crawl.toISOString() && actual >= found.size;
  let progress: Progress = resumed ? found : { spider, crawl: crawl.toISOString(), to: 0, size: keep ? actual : 0 };
  const state = progress.to === 0 ? "new" : progress.size === 0 ? "moved" : "growing";

  async function save(next: Progress): Promise<void> {
    await writeWhole(record, `${JSON.stringify(next)}\n`, { faults: "feed" });
    progress = next;
  }

  async function write(text: string): Promise<number> {
    try {
      await mkdir(dirname(file), { recursive: true });
      const handle = await open(file, "a"); // made if it is not there; what a crash left behind goes
      try {
        await handle.truncate(progress.size);
        const bytes = Buffer.from(text);
        await handle.writeFile(bytes);
        await handle.sync();
        return progress.size + bytes.length;
      } finally {
        await handle.close();
      }
    } catch (cause) {
      throw cannotWrite(file, cause);
    }
  }

  await save({ ...progress, size: await write(progress.size === 0 ? head : "") });
  return {
    state,
    async append(to, text) {
      if (to > progress.to) await save({ ...progress, to, size: await write(text) });
    },
    async move() {
      await save({ ...progress, size: 0 });
      await rm(file, { force: true });
    },
  };
}

/** A hidden name for what belongs to `file`. */
export function hiddenBeside(file: string, what: string): string {
  const name = basename(file);
  return join(dirname(file), `${name.startsWith(".") ? "" : "."}${name}.${what}`);
}

async function readProgress(path: string): Promise<Progress | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Progress;
  } catch {
    return undefined; // none, or not ours: the file is then taken as it is
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}
