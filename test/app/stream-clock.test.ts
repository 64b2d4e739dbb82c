import { expect, test } from "vitest";
import { defineStream } from "arachne";
import { randomInput } from "./stream-input.ts";
import { around, Offer, place, toServing } from "./stream-place.ts";
import { bars, barsOf, randomTicks, START, tickMessage } from "./stream-ticks.ts";

const DAY = 86_400_000;

test("a clock that is set back between two runs makes no event early, and no row older than the one before", async () => {
  const p = place({ STREAM_MAX_AHEAD_SECONDS: 600 });
  const ticks = randomTicks(31, 600);
  const stream = bars({ output: "update" });
  // The first run's clock is a day ahead, the second's right, the third's a day behind.
  for (const [i, shift] of [DAY, 0, -DAY].entries()) {
    await p.send(ticks.slice(i * 200, (i + 1) * 200).map(tickMessage));
    await p.run(stream, { now: () => new Date(START + 600_000 + shift) });
  }
  const { open, closed, late } = barsOf(ticks);
  expect(p.served("bars")).toEqual({ ...closed, ...open });
  expect((await p.read("t.dead")).map((m) => (JSON.parse(m.value) as { id: string }).id)).toEqual(late);
});

test.each([
  ["forwards", DAY],
  ["back", -DAY],
])("a clock that jumps a day %s and back in mid stream loses nothing and doubles no dead letter", async (_, jump) => {
  const p = place({ STREAM_BATCH_MESSAGES: 50, STREAM_MAX_MESSAGE_BYTES: 10_000 });
  const { messages, expected, poison } = randomInput({ seed: 32, count: 600, poison: 0.03 });
  let writes = 0;
  const jumping = around(toServing, () => {
    writes++;
    return [];
  });
  const now = (): Date => new Date(Date.now() + (writes >= 3 && writes < 7 ? jump : 0));
  await p.send(messages);
  const run = await p.run(defineStream({ topic: "t", item: Offer, into: { serving: jumping } }), { now });
  expect(run.remainder).toEqual([]);
  expect(writes).toBeGreaterThan(10);
  expect(p.served()).toEqual(expected);
  const letters = (await p.read("t.dead")).map(({ value, bytes }) => Buffer.from(bytes ?? value).toString("base64"));
  expect(letters.sort()).toEqual(poison.map(({ value }) => value.toString("base64")).sort());
});
