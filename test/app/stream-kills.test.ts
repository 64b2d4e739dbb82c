import { expect, test } from "vitest";
import type { TopicMessage } from "../../src/core/topic.ts";
import { seeded } from "../faults/kills.ts";
import { randomInput } from "./stream-input.ts";
import { streamProject, type StreamProject } from "./stream-process.ts";
import { barsOf, randomTicks, tickMessage, type Tick } from "./stream-ticks.ts";

/** More of them by hand: ARACHNE_TEST_KILLS=50 npx vitest run test/app/stream-kills.test.ts */
const KILLS = Number(process.env["ARACHNE_TEST_KILLS"] ?? 6);

/** Kills the stream at points drawn by seed, again and again while messages come in; then lets it read to the end. */
async function withKills(
  p: StreamProject,
  name: string,
  points: readonly string[],
  messages: readonly TopicMessage[],
  seed: number,
  env = {},
): Promise<number> {
  const random = seeded(seed);
  let sent = 0;
  let kills = 0;
  const size = Math.ceil(messages.length / KILLS);
  for (let i = 0; i < KILLS; i++) {
    const half = Math.floor(size / 2);
    await p.send(messages.slice(sent, sent + half));
    const point = points[i % points.length]!;
    const run = p.stream(name, ["--until-end"], { ...env, ARACHNE_FAILPOINT: `${point}:${1 + Math.floor(random() * 3)}` });
    await p.send(messages.slice(sent + half, sent + size)); // while it runs
    sent += size;
    const { code, stderr } = await run.ended;
    if (code === null) kills++;
    else expect(code, stderr).toBe(0);
  }
  await p.send(messages.slice(sent));
  const { code, stderr } = await p.stream(name, ["--until-end"], env).ended;
  expect(code, stderr).toBe(0);
  return kills;
}

test(`killed ${KILLS} times, a stream serves every item once, and sets each poison aside once`, async () => {
  const p = streamProject();
  const { messages, expected, poison } = randomInput({ seed: 21, count: KILLS * 500, poison: 0.02 });
  const points = ["stream_decoded", "stream_written", "topic_append", "stream_dead", "stream_before_commit", "stream_after_commit"];
  const kills = await withKills(p, "offers", points, messages, 1);
  expect(kills).toBeGreaterThanOrEqual(KILLS * 0.7);
  expect(p.served("offers")).toEqual(expected);
  const letters = (await p.read("t.dead")).map(({ value, bytes }) => Buffer.from(bytes ?? value).toString("base64"));
  expect(letters.sort()).toEqual(poison.map(({ value }) => value.toString("base64")).sort());
});

test.each(["close", "update"])(`killed ${KILLS} times, windows (output on %s) lose and double nothing`, async (output) => {
  const p = streamProject();
  const ticks = randomTicks(22, KILLS * 500);
  const { closed, open, late } = barsOf(ticks);
  const points = [
    "stream_decoded",
    "topic_append",
    "stream_checkpoint_in",
    "stream_checkpoint",
    "stream_before_commit",
    "stream_written",
    "stream_after_commit",
  ];
  const kills = await withKills(p, "bars", points, ticks.map(tickMessage), 2, { BARS_OUTPUT: output });
  expect(kills).toBeGreaterThanOrEqual(KILLS * 0.6);
  expect(p.served("bars")).toEqual(output === "close" ? closed : { ...closed, ...open });
  expect((await p.read("t.dead")).map((m) => (JSON.parse(m.value) as Tick).id)).toEqual(late);
});

test("a replay of dead letters that is killed loses none, and puts a hundred back twice at most", async () => {
  const p = streamProject();
  await p.send(Array.from({ length: 250 }, (_, n) => ({ key: `p${n}`, value: `{"poison":${n}` })));
  expect((await p.stream("offers", ["--until-end"]).ended).code).toBe(0);
  const replay = ["deadletters", "replay", "--all", "--json"];
  expect((await p.run(replay, { env: { ARACHNE_FAILPOINT: "replay_sent:2" } })).code).toBeNull();
  expect(JSON.parse((await p.run(replay)).stdout)).toEqual({ replayed: 150, already: 100, cut: 0 });
  const back = (await p.read("t")).slice(250).map(({ value }) => value);
  expect(back).toHaveLength(350);
  expect(new Set(back).size).toBe(250);
});
