import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { SettingsError } from "../core/errors.ts";

const TAIL = 64;

/** The content of a JSON file that lists the items of `before`, such a file itself, and then those of a JSON lines file. */
export async function* appendToList(before: string | undefined, lines: string): AsyncGenerator<string | Uint8Array> {
  let separator = "[\n";
  if (before !== undefined) {
    const { end, empty } = await endOfList(before);
    if (end > 0) yield* createReadStream(before, { end: end - 1 }) as AsyncIterable<Uint8Array>;
    separator = empty ? "\n" : ",\n";
  }
  for await (const line of createInterface({ input: createReadStream(lines), crlfDelay: Infinity })) {
    yield separator + line;
    separator = ",\n";
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}

/** Where a file's list ends: bytes up to its last item. @throws SettingsError `feed_mismatch` for a file that is no list of objects */
export async function endOfList(file: string): Promise<{ end: number; empty: boolean }> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const read = async (from: number) =>
      (await handle.read(Buffer.alloc(TAIL), 0, Math.min(TAIL, size - from), from)).buffer.toString("latin1").replaceAll("\0", "");
    const head = await read(0);
    const tail = await read(Math.max(0, size - TAIL));
    const list = /\]\s*$/.exec(tail);
    const inner = list === null ? undefined : /([[}])\s*$/.exec(tail.slice(0, list.index));
    if (!/^(?:\u00ef\u00bb\u00bf)?\s*\[/.test(head) || inner === null || inner === undefined)
      throw new SettingsError(
        "feed_mismatch",
        `feed: ${file} is no JSON list, so nothing can be added to it: -O replaces it, or name another file`,
      );
    return { end: Math.max(0, size - TAIL) + inner.index + 1, empty: inner[1] === "[" };
  } finally {
    await handle.close();
  }
}
