import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { streamProject } from "../app/stream-process.ts";
import { asAdmin, startBroker } from "./kafka-broker.ts";

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
