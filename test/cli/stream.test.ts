import { expect, test } from "vitest";
import { message, offer } from "../app/stream-place.ts";
import { streamProject } from "../app/stream-process.ts";
import { start } from "./project.ts";

const poison = { key: "p", value: '{"id":"","n":1}', headers: { spider: "x" } };

test("a stream is run to its end, listed, and stopped by SIGTERM", async () => {
  const p = streamProject();
  await p.send([message(offer(1)), message(offer(2)), poison]);
  const before = await p.arachne("stream", "list", "--json");
  expect(JSON.parse(before.stdout)).toEqual([
    { name: "bars", topic: "t", description: "", groups: [{ sink: "bars", group: "bars", lag: 3 }] },
    { name: "offers", topic: "t", description: "", groups: [{ sink: "serving", group: "offers.serving", lag: 3 }] },
  ]);

  const run = await p.arachne("stream", "run", "offers", "--until-end");
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout).toMatch(/read +3\nwritten +2\n.*\n.*\ndead letters +1\n {2}id: minLength +1\n/);
  expect(run.stdout).toMatch(/the ledger closes/);

  const list = await p.arachne("stream", "list");
  expect(list.stdout).toMatch(/offers +t +serving +0/);

  const running = p.stream("offers", ["--json"]);
  await p.send([message(offer(3))]);
  while (!("o3" in p.served("offers"))) await new Promise((next) => setTimeout(next, 50));
  running.kill("SIGTERM");
  const { code, stdout, stderr } = await running.ended;
  expect(code, stderr).toBe(143);
  expect(JSON.parse(stdout)).toMatchObject({ stream: "offers", lanes: [{ ledger: { read: 1, written: 1 } }], remainder: [] });
});

test("dead letters are listed, shown to the byte, and put back", async () => {
  const p = streamProject();
  const bytes = Buffer.from([0xff, 0x00, 0x7b]);
  await p.send([poison, { key: "b", value: "?", bytes }]);
  await p.arachne("stream", "run", "offers", "--until-end");

  const list = await p.arachne("deadletters", "list");
  expect(list.stdout).toMatch(/1 +0 +offers +validate +id: minLength +t\/0\/1\/offers@\d+/);
  const id = /t\/0\/2\/offers@\d+/.exec(list.stdout)![0];
  const lines = (await p.arachne("deadletters", "list", "--stream", "offers", "--json")).stdout.trim().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { reason: string }).reason)).toEqual(["id: minLength", "not_utf8"]);
  expect((await p.arachne("deadletters", "show", id)).stdout).toMatch(/reason +not_utf8/);
  const hex = await p.piped(["deadletters", "show", id, "--raw"], "od -An -tx1");
  expect(hex.stdout.trim()).toBe("ff 00 7b");

  expect(await p.arachne("deadletters", "replay")).toMatchObject({ code: 2, stderr: expect.stringContaining("say which to put back") });
  expect((await p.arachne("deadletters", "replay", "--reason", "id: minLength")).stdout).toBe("1 put back, 0 had been before\n");
  expect((await p.arachne("deadletters", "replay", "--all", "--json")).stdout).toBe('{"replayed":1,"already":1,"cut":0}\n');
  expect((await p.read("t")).slice(2).map((m) => [m.key, m.headers])).toEqual([
    ["p", { spider: "x", replays: "1", replay_to: "offers" }],
    ["b", { replays: "1", replay_to: "offers" }],
  ]);
});

test("what is wrong is said in one line", async () => {
  const p = streamProject();
  p.write("streams/broken.ts", "export default 1 +;");
  expect(await p.arachne("stream", "run", "ofers")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/stream "ofers" is not known: .* Did you mean offers\?\n$/),
  });
  expect(await p.arachne("deadletters", "show", "x")).toMatchObject({ code: 2, stderr: expect.stringContaining("is no letter's id") });
  const list = await p.arachne("stream", "list");
  expect(list).toMatchObject({ code: 1, stderr: expect.stringContaining("streams/broken.ts") });
  expect(list.stdout).toMatch(/offers/);
  const help = await start(p.dir, ["stream", "--help"]).ended;
  expect(help.stdout).toMatch(/Examples:\n {2}arachne stream run/);
});
