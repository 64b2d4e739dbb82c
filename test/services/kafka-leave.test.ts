import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { joinGroup } from "../../src/topics/kafka/member.ts";
import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import { streamProject } from "../app/stream-process.ts";
import { asAdmin, optionsOf, startBroker } from "./kafka-broker.ts";

const broker = await startBroker();
afterAll(() => broker?.remove());

test.skipIf(broker === undefined)(
  "a stream that is stopped while its broker is down and comes back ends, and leaves its group",
  async () => {
    const p = streamProject();
    const topic = `l-${randomUUID()}`;
    const env = { KAFKA_BOOTSTRAP_SERVERS: broker!.url, STREAM_TOPIC: topic };
    const runs = [0, 1].map(() => p.stream("offers", [], env));
    const members = (): Promise<number> =>
      asAdmin(broker!.url, async (admin) => (await admin.describeGroups(["offers.serving"])).groups[0]?.members.length ?? 0);
    while ((await members()) < runs.length) await sleep(200);
    await broker!.service.kill();
    const back = sleep(1_500).then(() => broker!.again());
    // Each at another moment of its tries to come back.
    for (const run of runs) {
      await sleep(1_800);
      run.kill("SIGTERM");
    }
    await back;
    for (const { code, stderr } of await Promise.all(runs.map((run) => run.ended))) expect(code, stderr).toBe(143);
    while ((await members()) > 0) await sleep(200);
  },
);

test.skipIf(broker === undefined)("a connection that kafkajs opens after its consumer has left does not keep the process", async () => {
  const topic = await openKafkaTopic(`l-${randomUUID()}`, optionsOf(broker!.url));
  const connections = (): number => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
  const before = connections();
  let joined = (): void => undefined;
  const join = new Promise<void>((done) => (joined = done));
  const member = joinGroup(
    { topic: topic.name, group: "g", eachBatch: () => Promise.resolve(), onAssigned: () => joined(), onFailure: () => undefined },
    optionsOf(broker!.url),
  );
  await join;
  await member.stop();
  await member.consumer.connect();
  await member.consumer.describeGroup(); // as a start anew that was under way asks, at any time after
  expect(connections()).toBeGreaterThan(before);
  while (connections() > before) await sleep(100);
});
