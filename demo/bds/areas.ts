import { vi } from "./numbers.ts";
import type { Draw } from "./random.ts";
import { weighted } from "./random.ts";

/** Square metres, and how the seller wrote them. */
export interface Area {
  readonly m2: number | null;
  readonly text: string | undefined;
  readonly shape: string;
}

interface Shape {
  readonly name: string;
  readonly weight: number;
  readonly decimals: number;
  readonly write: (m2: number, draw: Draw) => string;
}

/** "3,5x12": a frontage and a depth whose product is about the area. */
function sides(m2: number, draw: Draw): string {
  const front = Math.round(Math.sqrt(m2) * (0.4 + draw() * 0.4) * 2) / 2 || 0.5;
  return `(${vi(front)}x${vi(Math.round((m2 / front) * 2) / 2)})`;
}

export const SHAPES: readonly Shape[] = [
  { name: "whole", weight: 40, decimals: 0, write: (m2) => `${vi(m2)} m²` },
  { name: "comma", weight: 22, decimals: 1, write: (m2) => `${vi(m2)} m²` },
  { name: "two decimals", weight: 4, decimals: 2, write: (m2) => `${vi(m2)} m²` },
  { name: "m2", weight: 5, decimals: 1, write: (m2) => `${vi(m2)} m2` },
  { name: "sides", weight: 5, decimals: 0, write: (m2, draw) => `${vi(m2)} m2${sides(m2, draw)}` },
  { name: "middle dot", weight: 4, decimals: 1, write: (m2) => `·${vi(m2)} m²` },
  { name: "dot decimal", weight: 4, decimals: 1, write: (m2) => (m2 < 1000 ? `${m2} m²` : `${vi(m2)} m²`) },
  { name: "two spaces", weight: 4, decimals: 0, write: (m2) => `${vi(m2)}  m²` },
  { name: "NBSP", weight: 4, decimals: 1, write: (m2) => `${vi(m2)}\u00a0m²` },
  { name: "no space", weight: 2, decimals: 1, write: (m2) => `${vi(m2)}m2` },
  { name: "prefix", weight: 2, decimals: 0, write: (m2) => `Diện tích: ${vi(m2)} m²` },
  { name: "odd case", weight: 1, decimals: 0, write: (m2) => `${vi(m2)} M²` },
];
const MISSING_IN_A_HUNDRED = 3;

export function drawArea(draw: Draw, [low, high]: readonly [number, number]): Area {
  const missing = draw() * 100 < MISSING_IN_A_HUNDRED;
  const shape = weighted(draw, SHAPES, (s) => s.weight);
  // Squared, since small ones are many and large ones few.
  const value = low + draw() ** 2 * (high - low);
  const m2 = Number(value.toFixed(value >= 1000 ? Math.min(1, shape.decimals) : shape.decimals));
  return missing ? { m2: null, text: undefined, shape: "missing" } : { m2, text: shape.write(m2, draw), shape: shape.name };
}
