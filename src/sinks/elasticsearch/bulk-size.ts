/** How large the next bulk request may be. */
export interface BulkSize {
  readonly bytes: number;
  readonly documents: number;
  accepted(bytes: number, ms: number): void;
  refused(bytes: number): void;
}

const SMALLEST = 64 * 1024;
const FIRST = 1024 * 1024;
/** Beyond a few there was nothing to gain (benchmarks/bulk.bench.ts), and each request in flight is in memory twice. */
const LARGEST = 4 * 1024 * 1024;
const DOCUMENTS = 10_000;
/** An answer that takes longer than this is a sign of a queue. */
const SLOW_MS = 10_000;

export function createBulkSize(): BulkSize {
  let bytes = FIRST;
  return {
    get bytes() {
      return bytes;
    },
    documents: DOCUMENTS,
    accepted(sent, ms) {
      // Only what was filled shows that more would go.
      if (ms < SLOW_MS && sent >= bytes) bytes = Math.min(Math.ceil(bytes * 1.5), LARGEST);
    },
    refused(sent) {
      // What is left of a request says nothing of whole ones.
      if (sent >= bytes / 2) bytes = Math.max(Math.floor(bytes / 2), SMALLEST);
    },
  };
}
