import type { Message } from "kafkajs";
import type { TopicMessage } from "../../core/topic.ts";

/** A record's own fields, beside key, value and headers; a header's; a batch's. */
const RECORD_BYTES = 32;
const HEADER_BYTES = 8;
const BATCH_BYTES = 128;
/** kafkajs copies what it has of a partition's records with each that it adds: of 100,000 small ones in a request that takes a minute. */
const MOST_RECORDS = 2_000;

export interface Encoded {
  readonly records: readonly Message[];
  /** Bytes of each before compression. */
  readonly sizes: readonly number[];
  /** Holds a message that may be refused for its size, which others must not suffer for. */
  readonly alone: boolean;
}

export function encode(messages: readonly TopicMessage[], limit: number): Encoded {
  const sizes: number[] = [];
  const records = messages.map(({ key, value: text, bytes, headers }): Message => {
    const value = Buffer.from(bytes ?? text); // as bytes: kafkajs measures and copies a value three times
    sizes.push(RECORD_BYTES + Buffer.byteLength(key) + value.length + headerBytes(headers));
    return headers === undefined ? { key, value } : { key, value, headers };
  });
  return { records, sizes, alone: sizes.some((size) => size + BATCH_BYTES > limit) };
}

let lastHeaders: Readonly<Record<string, string>> | undefined;
let lastHeaderBytes = 0;

/** The messages of a batch mostly share one headers object. */
function headerBytes(headers: Readonly<Record<string, string>> | undefined): number {
  if (headers === undefined) return 0;
  if (headers !== lastHeaders) {
    lastHeaders = headers;
    lastHeaderBytes = Object.entries(headers).reduce((sum, [n, v]) => sum + HEADER_BYTES + Buffer.byteLength(n) + Buffer.byteLength(v), 0);
  }
  return lastHeaderBytes;
}

/** Requests that no partition's batch can be too large in: a broker refuses a whole batch, and has by then stored others of the request. */
export function* chunks(group: readonly Encoded[], limit: number): Generator<Message[]> {
  let chunk: Message[] = [];
  let bytes = BATCH_BYTES;
  for (const { records, sizes } of group)
    for (const [i, record] of records.entries()) {
      const size = sizes[i]!;
      if (chunk.length === MOST_RECORDS || (chunk.length > 0 && bytes + size > limit)) {
        yield chunk;
        chunk = [];
        bytes = BATCH_BYTES;
      }
      chunk.push(record);
      bytes += size;
    }
  if (chunk.length > 0) yield chunk;
}
