import type { TopicOffsets } from "./topic.ts";

/** A stretch of a topic: by partition the first offset in it, and the first behind it. */
export interface TopicStretch {
  readonly from: TopicOffsets;
  readonly to: TopicOffsets;
}

type Choice = (a: number, b: number) => number;

/** Of each partition that one of the two has, the choice of both. */
export function combine(a: TopicOffsets, b: TopicOffsets, choose: Choice): TopicOffsets {
  const both = new Map(a);
  for (const [partition, offset] of b) {
    const other = both.get(partition);
    both.set(partition, other === undefined ? offset : choose(other, offset));
  }
  return new Map([...both].sort(([a], [b]) => a - b));
}

/** As SOURCE_FROM takes it: `0:1200,1:1180`. */
export function offsetsText(offsets: TopicOffsets): string {
  return [...offsets].map(([partition, offset]) => `${partition}:${offset}`).join(",");
}

/** A partition in which `a` is behind `b`; undefined: there is none. */
export function behind(a: TopicOffsets, b: TopicOffsets): number | undefined {
  for (const [partition, offset] of a) if (offset > (b.get(partition) ?? Infinity)) return partition;
  return undefined;
}

/** Whether a stretch has messages that another lacks, before that one begins and behind its end. */
export function lacking(has: TopicStretch, other: TopicStretch): { before: boolean; behind: boolean } {
  const parts = [...has.to].map(([partition, to]) => {
    const from = has.from.get(partition) ?? 0;
    const begin = other.from.get(partition) ?? 0;
    const end = other.to.get(partition) ?? 0;
    return { before: from < Math.min(begin, to), behind: to > Math.max(end, from) };
  });
  return { before: parts.some((part) => part.before), behind: parts.some((part) => part.behind) };
}

export interface United extends TopicStretch {
  /** Partitions in which messages between the two are in neither: `b` ends before `a` begins, or begins behind its end. */
  readonly gap: { readonly before: number | undefined; readonly behind: number | undefined };
}

/** Both as one. What was not read of a partition moves nothing there. */
export function united(a: TopicStretch, b: TopicStretch): United {
  const empty = (partition: number): boolean => (b.from.get(partition) ?? 0) >= (b.to.get(partition) ?? 0);
  const only = (offsets: TopicOffsets): TopicOffsets =>
    new Map([...offsets].filter(([partition]) => !empty(partition) || !a.to.has(partition)));
  const from = only(b.from);
  const to = only(b.to);
  return {
    from: combine(a.from, from, Math.min),
    to: combine(a.to, to, Math.max),
    gap: { before: behind(a.from, to), behind: behind(from, a.to) },
  };
}
