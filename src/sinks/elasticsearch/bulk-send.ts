import type { StoredDocument } from "../../core/engine.ts";
import { ArachneError } from "../../core/errors.ts";
import type { BulkSize } from "./bulk-size.ts";
import { isOverloaded, reasonOf, reasonsOf, refused, Unavailable, type Cluster, type Refusal } from "./cluster.ts";
import type { Refusals, Refused } from "./refusals.ts";

/** One document's lines in a bulk request. */
export interface Operation {
  id: string;
  /** Of two writes of one id the one with the greater version stays, of equal ones the later. */
  version: number;
  /** `{"index":{…}}` */
  action: string;
  /** The document's JSON text, on one line; undefined: a deletion. */
  source: string | undefined;
  /** What it was made of, to tell of it should it be refused. */
  of?: StoredDocument;
}

export interface BulkCounts {
  /** Written or deleted. */
  done: number;
  /** Left as they were: the index has a newer version. */
  kept: number;
}

export interface SendOptions {
  cluster: Cluster;
  index: string;
  size: BulkSize;
  counts: BulkCounts;
  refusals: Refusals;
  /** Is given what was kept as it was. */
  onKept?: (operation: Operation) => void;
  /** Another request has failed for good: what is still tried need not be. */
  given: () => boolean;
}

interface Item {
  status: number;
  error?: Refusal;
}

interface BulkAnswer {
  errors: boolean;
  items: readonly Readonly<Record<string, Item>>[];
}

/** What is to be sent again: after a pause for this reason, or in smaller parts. */
type Rest = { again: readonly Operation[]; why: string | Unavailable } | "too large" | "none";

const NEWER_EXISTS = 409;
const TOO_LARGE = 413;

/** Sends operations as one request, then what the server was too busy for again, until each is written, kept or refused. */
export async function send(operations: readonly Operation[], options: SendOptions): Promise<void> {
  const { cluster, size, refusals, given } = options;
  const since = performance.now();
  let rest = operations;
  for (let attempt = 0; !given(); attempt++) {
    const lines = bodyOf(rest);
    const started = performance.now();
    const left = await once(rest, lines, options);
    if (left === "none") return size.accepted(lines.byteLength, performance.now() - started);
    // A part that was refused says that shards are busy, not that requests are too large.
    const partly = left !== "too large" && left.again.length < rest.length;
    if (partly) attempt = 0;
    else size.refused(lines.byteLength);
    if (left !== "too large") {
      rest = left.again;
      await cluster.patience.pause(attempt, since, left.why);
    } else if (rest.length > 1) {
      await send(rest.slice(0, rest.length >> 1), options);
      return await send(rest.slice(rest.length >> 1), options);
    } else return await refusals.keep(rest.map((operation) => toRefused(operation, "larger than http.max_content_length")));
  }
}

async function once(sent: readonly Operation[], lines: Buffer, options: SendOptions): Promise<Rest> {
  const path = `/${encodeURIComponent(options.index)}/_bulk`;
  const call = { method: "POST", path, query: { filter_path: "errors,items.*.status,items.*.error" }, lines } as const;
  try {
    const answer = await options.cluster.once<BulkAnswer>(call);
    if (isOverloaded(answer.status)) return { again: sent, why: `${answer.status} ${reasonOf(answer.body)}` };
    if (answer.status === TOO_LARGE) return "too large";
    if (answer.status >= 400) throw refused(options.cluster.place, call, answer);
    return await sort(sent, answer.body, options);
  } catch (error) {
    if (error instanceof Unavailable) return { again: sent, why: error };
    throw error;
  }
}

async function sort(
  sent: readonly Operation[],
  { errors, items }: BulkAnswer,
  { cluster, counts, index, refusals, onKept }: SendOptions,
): Promise<Rest> {
  if (!errors) {
    counts.done += sent.length;
    cluster.patience.progress();
    return "none";
  }
  const again: Operation[] = [];
  const broken: Refused[] = [];
  let why = "";
  for (const [i, operation] of sent.entries()) {
    const item = items[i]?.["index"] ?? items[i]?.["delete"];
    const status = item?.status ?? 500;
    if (status < 300 || (operation.source === undefined && status === 404)) counts.done++;
    else if (status === NEWER_EXISTS) {
      counts.kept++;
      onKept?.(operation);
    } else if (status === 429 || status >= 500) {
      again.push(operation);
      why = `${status} ${reasonsOf(item?.error ?? {})}`;
    } else if (status === 400 && item?.error?.type !== "index_closed_exception")
      broken.push(toRefused(operation, reasonsOf(item?.error ?? {})));
    else
      throw new ArachneError(
        "serving_write",
        `serving: Elasticsearch takes no documents for ${index} (${status} ${reasonsOf(item?.error ?? {})}): see that the index is there and open, then run the job again`,
      );
  }
  await refusals.keep(broken);
  if (again.length < sent.length) cluster.patience.progress();
  return again.length === 0 ? "none" : { again, why };
}

/** Straight into bytes: as one text in between it would be megabytes of garbage a request. */
function bodyOf(operations: readonly Operation[]): Buffer {
  let size = 0;
  for (const { action, source } of operations)
    size += Buffer.byteLength(action) + 1 + (source === undefined ? 0 : Buffer.byteLength(source) + 1);
  const body = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { action, source } of operations) {
    at += body.write(action, at);
    body[at++] = LINE_END;
    if (source === undefined) continue;
    at += body.write(source, at);
    body[at++] = LINE_END;
  }
  return body;
}

const LINE_END = 10;

function toRefused({ id, source, of }: Operation, reason: string): Refused {
  return { id, reason, document: source ?? "", ...(of === undefined ? {} : { of }) };
}
