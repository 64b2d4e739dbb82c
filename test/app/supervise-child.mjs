// What the manager runs in its tests, in place of `arachne`: says and does what its arguments tell.
import { spawn } from "node:child_process";

const [what, value] = process.argv.slice(2);
const stay = () => setInterval(() => undefined, 1000);
const ready = () => process.send?.({ ready: true });

const doings = {
  exit: () => process.exit(Number(value)),
  stay() {
    process.once("SIGTERM", () => process.exit(143));
    ready();
    stay();
  },
  ignore() {
    process.on("SIGTERM", () => console.log("not me"));
    ready();
    stay();
  },
  slow() {
    process.once("SIGTERM", () => setTimeout(() => process.exit(143), Number(value)));
    ready();
    stay();
  },
  /** In a session of its own, where no signal to the group finds it, and with an open pipe to the manager. */
  grandchild() {
    spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"], {
      detached: true,
      stdio: "inherit",
    });
    process.once("SIGTERM", () => process.exit(143));
    ready();
    stay();
  },
  noise() {
    process.stdout.write("x".repeat(1_000_000));
    process.stderr.write("\u001b[31mred\u001b[0m \u001b]0;title\u0007\n");
  },
};
doings[what]();
