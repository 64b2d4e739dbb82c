/** Numbers in [0, 1), the same for the same seed. */
export type Draw = () => number;

/** A well-mixed 32-bit hash of integers: the same input gives the same number, in whatever order things are asked for. */
export function hash(...parts: readonly number[]): number {
  let h = 0x9e3779b9;
  for (const part of parts) {
    h = Math.imul(h ^ part, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}

/** mulberry32 (public domain, Tommy Ettinger): 32 bits of state are plenty for one listing. */
export function drawing(...seed: readonly number[]): Draw {
  let state = hash(...seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A whole number from `low` to `high`, both included. */
export function between(draw: Draw, low: number, high: number): number {
  return low + Math.floor(draw() * (high - low + 1));
}

export function pick<T>(draw: Draw, list: readonly T[]): T {
  if (list.length === 0) throw new RangeError("random: pick from an empty list: give it something to choose from");
  return list[Math.floor(draw() * list.length)] as T;
}

/** One of the list, as often as its weight says. */
export function weighted<T>(draw: Draw, list: readonly T[], weight: (item: T, index: number) => number): T {
  let left = draw() * list.reduce((sum, item, i) => sum + weight(item, i), 0);
  for (const [i, item] of list.entries()) {
    left -= weight(item, i);
    if (left < 0) return item;
  }
  return pick(draw, list);
}
