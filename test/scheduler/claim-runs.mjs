/** A process that takes every queued run it can get and prints their numbers. Arguments: STATE_DIR; die: in the middle of the first. */
import { openRunHistory } from "../../src/app/run-history.ts";

const history = openRunHistory({ settings: { STATE_DIR: process.argv[2] ?? "" }, now: () => new Date() });
for (const { id } of history.inState("queued")) {
  const own = history.claim(id);
  if (own === undefined) continue;
  if (process.argv[3] === "die") process.kill(process.pid, "SIGKILL");
  process.stdout.write(`${id}\n`);
  own.end({ state: "succeeded" });
}
