/** A process that takes every queued run it can get and prints their numbers. Argument: STATE_DIR. */
import { openRunHistory } from "../../src/app/run-history.ts";

const history = openRunHistory({ settings: { STATE_DIR: process.argv[2] ?? "" }, now: () => new Date() });
for (const { id } of history.inState("queued")) {
  const own = history.claim(id);
  if (own === undefined) continue;
  process.stdout.write(`${id}\n`);
  own.end({ state: "succeeded" });
}
