import { isUtf8 } from "node:buffer";
import type { IHeaders, KafkaMessage } from "kafkajs";
import type { StoredMessage } from "../../core/topic.ts";

type Headers = Readonly<Record<string, string>>;

/** The last that a Date can be. A producer may give any number, nanoseconds even, and brokers before 4.0 take it. */
const LAST_TIME = 8.64e15;

/**
 * What is needed of kafkajs's record, which is several times its size and could be forgotten long before a stream's batch is done. Key and
 * value become text when they are asked for, each time anew: few need both, none for long.
 */
export class KafkaRecord implements StoredMessage {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly headers: Headers;
  readonly #key: Buffer | null;
  readonly #value: Buffer | null;

  constructor({ offset, timestamp, key, value }: KafkaMessage, partition: number, headers: Headers) {
    this.partition = partition;
    this.offset = Number(offset);
    this.timestamp = Math.max(-LAST_TIME, Math.min(LAST_TIME, Number(timestamp)));
    this.headers = headers;
    this.#key = key;
    this.#value = value;
  }

  get key(): string {
    return this.#key?.toString() ?? "";
  }

  get value(): string {
    return this.#value?.toString() ?? "";
  }

  get size(): number {
    return this.#value?.length ?? 0;
  }

  get bytes(): Uint8Array | undefined {
    return this.#value === null || isUtf8(this.#value) ? undefined : this.#value;
  }
}

/** Records that follow each other mostly have equal headers, and then share one object: reading each would take a tenth of a stream's time. */
export function toMessages(records: readonly KafkaMessage[], partition: number): KafkaRecord[] {
  let raw: IHeaders | undefined;
  let headers: Headers = {};
  return records.map((record) => {
    if (record.headers !== undefined && (raw === undefined || !areEqual(record.headers, raw))) {
      raw = record.headers;
      headers = readHeaders(raw);
    }
    return new KafkaRecord(record, partition, record.headers === undefined ? NONE : headers);
  });
}

const NONE: Headers = {};

function areEqual(a: IHeaders, b: IHeaders): boolean {
  let count = 0;
  for (const name in a) {
    const [value, other] = [a[name], b[name]];
    if (!Buffer.isBuffer(value) || !Buffer.isBuffer(other) || !sameBytes(value, other)) return false;
    count++;
  }
  for (const _ in b) count--;
  return count === 0;
}

/** Headers are short: a call into C++, as `equals` is, takes several times as long. */
function sameBytes(a: Buffer, b: Buffer): boolean {
  if (a.length !== b.length) return false;
  if (a.length > 64) return a.equals(b);
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Of several with one name the last. */
function readHeaders(raw: IHeaders): Headers {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(raw)) {
    const one = Array.isArray(value) ? value.at(-1) : value;
    if (one !== undefined) headers[name] = one.toString();
  }
  return headers;
}
