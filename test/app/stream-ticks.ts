import { z } from "zod";
import { defineItem, defineStream, fold, intoServing, tumbling, type Stream, type StreamSink, type WindowSpec } from "arachne";
import type { TopicMessage } from "../../src/core/topic.ts";
import { seeded } from "../faults/kills.ts";

export const Tick = defineItem({
  name: "tick",
  key: ["id"],
  schema: z.object({ id: z.string(), symbol: z.string(), at: z.iso.datetime(), price: z.string(), size: z.number() }),
});
export type Tick = z.output<typeof Tick.schema>;

export const Bar = defineItem({
  name: "bar",
  key: ["symbol", "window_start"],
  schema: z.object({
    symbol: z.string(),
    window_start: z.iso.datetime(),
    window_end: z.iso.datetime(),
    open: z.string(),
    high: z.string(),
    low: z.string(),
    close: z.string(),
    volume: z.string(),
    mean: z.number(),
    trades: z.int(),
  }),
});
export type Bar = z.output<typeof Bar.schema>;

export const toBars: StreamSink<Bar> = intoServing({ alias: "bars", item: Bar });

const BAR_SECONDS = 60;
const LATENESS_SECONDS = 30;

export function bars(spec: Partial<WindowSpec<Tick>> = {}, stream: Partial<Stream<Tick>> = {}): Stream<Tick> {
  return defineStream({
    topic: "t",
    item: Tick,
    window: tumbling<Tick>({
      seconds: BAR_SECONDS,
      time: "at",
      key: ["symbol"],
      latenessSeconds: LATENESS_SECONDS,
      folds: {
        open: fold.first("price"),
        high: fold.max("price"),
        low: fold.min("price"),
        close: fold.last("price"),
        volume: fold.sum("size", { text: true }),
        mean: fold.mean("price", { places: 4 }),
        trades: fold.count(),
      },
      ...spec,
    }),
    into: { bars: toBars },
    ...stream,
  });
}

export const START = Date.UTC(2026, 10, 21);

/** Ticks about a second apart, in disorder by up to a minute and a half, so that some are late. */
export function randomTicks(seed: number, count: number): Tick[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, i) => ({ order: i + random() * 90, i }))
    .sort((a, b) => a.order - b.order)
    .map(({ i }) => ({
      id: `t${i}`,
      symbol: random() < 0.5 ? "BTC" : "ETH",
      at: new Date(START + i * 1000 + Math.floor(random() * 1000)).toISOString(),
      price: (20_000 + Math.floor(random() * 1_000_000) / 100).toFixed(2),
      size: Math.floor(random() * 1e6) / 1e5,
    }));
}

export const tickMessage = (tick: Tick): TopicMessage => ({ key: tick.symbol, value: JSON.stringify(tick) });

/** Counted apart from the code under test, in whole cents and hundred-thousandths. */
export function barsOf(ticks: readonly Tick[]): { open: Record<string, Bar>; closed: Record<string, Bar>; late: string[] } {
  const groups = new Map<string, { tick: Tick; time: number; place: number }[]>();
  const late: string[] = [];
  let latest = -Infinity;
  ticks.forEach((tick, place) => {
    const time = Date.parse(tick.at);
    const start = time - (time % (BAR_SECONDS * 1000));
    if (start + BAR_SECONDS * 1000 <= latest - LATENESS_SECONDS * 1000) return void late.push(tick.id);
    latest = Math.max(latest, time);
    const key = `${tick.symbol}\u001f${new Date(start).toISOString()}`;
    groups.set(key, [...(groups.get(key) ?? []), { tick, time, place }]);
  });
  const open: Record<string, Bar> = {};
  const closed: Record<string, Bar> = {};
  for (const [key, events] of groups) {
    const [symbol = "", window_start = ""] = key.split("\u001f");
    const end = Date.parse(window_start) + BAR_SECONDS * 1000;
    const inTime = [...events].sort((a, b) => a.time - b.time || a.place - b.place).map(({ tick }) => tick);
    const byPrice = [...inTime].sort((a, b) => Number(a.price) - Number(b.price));
    const units = inTime.reduce((sum, t) => sum + Math.round(t.size * 1e5), 0);
    const cents = inTime.reduce((sum, t) => sum + Math.round(Number(t.price) * 100), 0);
    const bar: Bar = {
      symbol,
      window_start,
      window_end: new Date(end).toISOString(),
      open: inTime[0]!.price,
      high: byPrice.at(-1)!.price,
      low: byPrice[0]!.price,
      close: inTime.at(-1)!.price,
      volume: String(units / 1e5),
      mean: Math.round((cents * 100) / inTime.length) / 1e4,
      trades: inTime.length,
    };
    (end <= latest - LATENESS_SECONDS * 1000 ? closed : open)[key] = bar;
  }
  return { open, closed, late };
}
