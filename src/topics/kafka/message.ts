import { isUtf8 } from "node:buffer";
import type { KafkaMessage } from "kafkajs";
import type { StoredMessage } from "../../core/topic.ts";

/** A record as kafkajs hands it over; key, value and headers become text when they are asked for. */
export class KafkaRecord implements StoredMessage {
  readonly partition: number;
  readonly #record: KafkaMessage;

  constructor(record: KafkaMessage, partition: number) {
    this.#record = record;
    this.partition = partition;
  }

  get offset(): number {
    return Number(this.#record.offset);
  }

  get timestamp(): number {
    return Number(this.#record.timestamp);
  }

  get key(): string {
    return this.#record.key?.toString() ?? "";
  }

  get value(): string {
    return this.#record.value?.toString() ?? "";
  }

  get bytes(): Uint8Array | undefined {
    const { value } = this.#record;
    return value === null || isUtf8(value) ? undefined : value;
  }

  get headers(): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.#record.headers ?? {})) {
      const one = Array.isArray(value) ? value.at(-1) : value;
      if (one !== undefined) headers[name] = one.toString();
    }
    return headers;
  }
}
