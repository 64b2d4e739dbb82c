import type { KafkaMessage } from "kafkajs";

/** A fetched batch in runs of at most so many messages and bytes of values, each of one message at least. */
export function* slices(records: readonly KafkaMessage[], maxMessages: number, maxBytes: number): Generator<readonly KafkaMessage[]> {
  let start = 0;
  let bytes = 0;
  for (const [i, { value }] of records.entries()) {
    const size = value?.length ?? 0;
    if (i > start && (i - start >= maxMessages || bytes + size > maxBytes)) {
      yield records.slice(start, i);
      start = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < records.length) yield start === 0 ? records : records.slice(start);
}
