import { createReadStream } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import { ArachneError } from "../../core/errors.ts";

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/**
 * What Spark's CSV reader would let pass without a word: bytes that are no UTF-8, a quote that is never closed, which swallows the rest. And
 * how its lines end, where that is the same throughout: what Spark finds out by itself it also applies within quotes. A second a GB.
 * @throws ArachneError `query_failed`
 */
export async function lineEndOf(file: string, delimiter: string): Promise<"\n" | "\r\n" | undefined> {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  let [quotes, feeds, pairs, before] = [0, 0, 0, 0];
  let first: "\n" | "\r\n" | undefined;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
      utf8.decode(chunk, { stream: true });
      for (const byte of chunk) {
        if (byte === QUOTE) quotes++;
        else if (byte === LF) {
          feeds++;
          if (before === CR) pairs++;
          first ??= before === CR ? "\r\n" : "\n";
        }
        before = byte;
      }
    }
    utf8.decode();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new ArachneError("query_failed", `spark: ${file} is not UTF-8 text: convert it`, { cause });
  }
  if (quotes % 2 === 1) await refuseOpenQuote(file, delimiter);
  return first === "\n" && pairs > 0 && pairs < feeds ? undefined : first;
}

/** An odd number of quotes is also what a stray one within a cell gives, which is sound. */
async function refuseOpenQuote(file: string, delimiter: string): Promise<void> {
  const rows = new Writable({ objectMode: true, write: (_row, _encoding, done) => done() });
  try {
    await pipeline(createReadStream(file), parse({ delimiter, bom: true, relax_quotes: true, relax_column_count: true }), rows);
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new ArachneError("query_failed", `spark: ${file} has a quote that is never closed: ${cause.message}`, { cause });
  }
}
