import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openControl, readManaged } from "../../src/app/manager-table.ts";
import { markedProcesses, SUPERVISED_CHILD } from "../../src/app/supervise-marked.ts";
import { until } from "../app/supervise-place.ts";
import { message, offer } from "../app/stream-place.ts";
import { streamProject } from "../app/stream-process.ts";
import { countingSite, createCrawlProject } from "./crawl-project.ts";
import { createProject, start, type TestProject } from "./project.ts";

/** With 15 others at work on the machine a start takes ten times what it takes alone. */
const LONG = 150_000;

interface ManagedProject extends TestProject {
  /** Numbers of all processes that the manager has started. */
  left(): number[];
  status(): ReturnType<typeof readManaged>;
  states(): string[];
  log(name: string): string;
}

/** Whatever a test leaves ends with it. */
function managed<P extends TestProject>(project: P): P & ManagedProject {
  const stateDir = join(project.dir, "data/state");
  const left = (): number[] => markedProcesses(stateDir);
  const status = (): ReturnType<typeof readManaged> => readManaged({ STATE_DIR: stateDir });
  onTestFinished(() => {
    const { supervisor } = status();
    if (supervisor !== undefined) process.kill(supervisor.identity.pid, "SIGKILL");
    for (const pid of left()) process.kill(pid, "SIGKILL");
  });
  return {
    ...project,
    left,
    status,
    states: () => status().processes.map(({ name, state }) => `${name} ${state}`),
    log: (name) => readFileSync(join(project.dir, `data/logs/${name}.log`), "utf8"),
  };
}

/** A scheduled job that nothing but SIGKILL ends, and neither what it starts. */
const JOB = `import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { defineJob } from "arachne";
export default defineJob({ schedule: "* * * * * *", async run() {
  process.on("SIGTERM", () => undefined);
  spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
  writeFileSync("job-runs", "");
  await new Promise(() => setInterval(() => undefined, 1000));
} });
`;

const IDLE = 'import { defineJob } from "arachne";\nexport default defineJob({ run: async () => ({}) });\n';

test(
  "streams run in the background; a killed manager leaves nothing, and the next one takes its work over",
  { timeout: LONG },
  async () => {
    const p = managed(streamProject());
    await p.send([message(offer(1))]);
    const up = await p.arachne("up", "streaming", "-d");
    expect(up.code, up.stderr).toBe(0);
    expect(up.stdout).toMatch(/^bars +stream +running +\d.\d s +\d+ +0\noffers +stream +running/m);
    await until(() => ("o1" in p.served("offers") ? true : undefined));
    const { supervisor, processes } = p.status();
    // tsx has one of its own now and then.
    expect(p.left()).toEqual(expect.arrayContaining(processes.map(({ pid }) => pid)));

    process.kill(supervisor!.identity.pid, "SIGKILL");
    await until(() => (p.left().length === 0 ? true : undefined));
    expect(p.states()).toEqual(["bars lost", "offers lost"]);
    expect((await p.arachne("status")).stderr).toContain("the manager was killed");

    p.write("jobs/deaf.ts", JOB);
    const batch = await p.run(["up", "batch", "-d", "--json", "-s", "JOB_STOP_SECONDS=1"]);
    expect(batch.code, batch.stderr).toBe(0);
    expect(JSON.parse(batch.stdout)).toMatchObject({
      supervisor: { pid: expect.any(Number) },
      processes: [{ name: "scheduler", state: "running" }],
    });
    // What is taken over is not waited for by an `up` of something else.
    await until(() => (p.states().join() === "bars running,offers running,scheduler running" ? true : undefined));
    expect(p.log("manager")).toContain("another one was killed; what it ran is started again: bars, offers");
    await until(() => (existsSync(join(p.dir, "job-runs")) ? true : undefined));

    const down = await p.arachne("down");
    expect(down.code, down.stderr).toBe(0);
    expect(down.stdout.split("\n").sort()).toEqual(["", "bars stopped", "offers stopped", "scheduler stopped"]);
    expect(p.left()).toEqual([]);
    expect(p.status().supervisor).toBeUndefined();
    expect((await p.arachne("down")).stderr).toBe("nothing is running\n");
  },
);

test("two `up` at once make one manager; what fails to start is told at once, with its last lines", { timeout: LONG }, async () => {
  const p = managed(streamProject());
  p.write(
    "streams/sick.ts",
    `import { defineStream } from "arachne";
    import offers from "./offers.ts";
    export default defineStream({ ...offers, topic: () => { throw new Error("no topic today \\u001b[31m"); } });`,
  );
  const set = ["-s", "MANAGER_GIVE_UP_AFTER=2", "-s", "MANAGER_BACKOFF_SECONDS=0.1"];
  const [one, two] = await Promise.all([p.arachne("up", "streaming", "-d", ...set), p.arachne("up", "streaming", "-d", ...set)]);
  for (const up of [one, two]) {
    expect(up.code, up.stderr).toBe(1);
    expect(up.stdout).toMatch(/^bars .* running[^]*^offers .* running[^]*^sick +stream +(failed, tried again|given up)/m);
    expect(up.stderr).toMatch(/^error sick: exit code 1, .*\n {2}error .*no topic today .\[31m\n[^]*\(all of it: arachne logs sick\)$/m);
    expect(up.stderr).not.toContain("\u001b");
  }
  const twice = p.status().processes.map(({ name, restarts }) => `${name} ${restarts}`);
  expect(twice.slice(0, 2)).toEqual(["bars 0", "offers 0"]);
  expect(p.log("manager").match(/started, process/g)).toHaveLength(1);

  expect(await p.run(["up", "streaming", "-d", ...set], { env: { LOG_LEVEL: "debug", STREAM_BATCH_MESSAGES: "7" } })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/has other values in its environment for LOG_LEVEL, STREAM_BATCH_MESSAGES: `arachne down` first/),
  });
  const other = await p.arachne("up", "streaming", "-d", "-s", "STREAM_BATCH_MESSAGES=7");
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining("bars runs with other settings than these") });

  expect((await p.arachne("down", "bars")).stdout).toBe("bars stopped\n");
  expect(p.states()[0]).toBe("bars stopped");
  expect(await p.arachne("down", "bras")).toMatchObject({ code: 2, stderr: expect.stringContaining("Did you mean bars?") });
  await p.arachne("down");
  expect(p.left()).toEqual([]);
});

test("what is restarted ends first, the others go on; `up` alone starts again what a killed manager ran", { timeout: LONG }, async () => {
  const p = managed(streamProject());
  expect(await p.arachne("restart")).toMatchObject({ code: 2, stderr: expect.stringContaining("restart: nothing is to run") });
  expect((await p.arachne("up", "streaming", "-d")).code).toBe(0);
  const pids = (): (number | null)[] => p.status().processes.map(({ pid }) => pid);
  const [bars, offers] = pids();
  const restart = await p.arachne("restart", "bars", "--json");
  expect(restart).toMatchObject({ code: 0, stderr: "restarting bars\n" });
  expect(JSON.parse(restart.stdout)).toMatchObject({ processes: [{ name: "bars", state: "running", restarts: 0 }] });
  expect(pids()[0]).not.toBe(bars);
  expect(pids()[1]).toBe(offers);
  expect(await p.arachne("restart", "bras")).toMatchObject({ code: 2, stderr: expect.stringContaining("Did you mean bars?") });

  process.kill(p.status().supervisor!.identity.pid, "SIGKILL");
  await until(() => (p.left().length === 0 ? true : undefined));
  const up = await p.arachne("up", "-d");
  expect(up.code, up.stderr).toBe(0);
  expect(p.states()).toEqual(["bars running", "offers running"]);
  await p.arachne("down");
  expect(await p.arachne("up", "-d")).toMatchObject({ code: 2, stderr: expect.stringContaining("say what to run") });
});

test("a process whose manager has gone while it was being loaded ends before it does anything", { timeout: LONG }, async () => {
  const p = createProject({ "jobs/idle.ts": IDLE });
  const orphan = await p.run(["scheduler"], { env: { [SUPERVISED_CHILD]: "5" } });
  expect(orphan).toMatchObject({ code: 143, stderr: "" });
  expect(existsSync(join(p.dir, "data"))).toBe(false);
});

test("a crawl gets its arguments; how it ends is told apart from what was given up before", { timeout: LONG }, async () => {
  const p = managed(createCrawlProject());
  const site = await countingSite((_, response) => response.end("<li class=thing>a</li>"));
  {
    using control = openControl({ settings: { STATE_DIR: join(p.dir, "data/state") }, now: () => new Date() });
    control.ask([{ name: "old", kind: "stream", args: ["stream", "run", "old"] }]);
    control.setState("old", { state: "given_up", pid: null, restarts: 9, lastEnd: "exit code 1", nextTry: null });
    control.answered("old", 1);
  }
  const up = await p.arachne("up", "crawler", "-a", `start=${site.url}/`);
  expect(up.code, up.stdout + up.stderr).toBe(0);
  expect(site.total()).toBe(1);
  expect(p.states()).toEqual(["old given_up", "probe done"]);
});

test(
  "in the foreground their lines come with their names; another terminal adds to them, follows them; Ctrl-C stops all",
  { timeout: LONG },
  async () => {
    const p = managed(streamProject());
    p.write("jobs/idle.ts", IDLE);
    const up = start(p.dir, ["up", "streaming"]);
    await up.said(/^bars +\| \d\d:\d\d:\d\d bars: reading t into bars$/m);
    await up.said(/^offers +\| .* reading t into serving$/m);
    const all = start(p.dir, ["logs", "-f", "-n", "1"]);
    await all.said(/^bars /m);
    const batch = await p.arachne("up", "batch");
    expect(batch).toMatchObject({ code: 0, stderr: expect.stringContaining("the manager runs already") });
    await all.said(/^scheduler +\| .*idle runs by hand only$/m); // it was not there when it began to follow
    const follow = start(p.dir, ["logs", "-f", "-n", "1", "offers", "scheduler"]);
    await follow.said(/^scheduler \| .*idle runs by hand only$/m);
    expect(await follow.said(/^offers /m)).toMatch(/^offers {4}\| .*reading t into serving$/m);
    up.kill("SIGINT");
    setTimeout(() => up.kill("SIGINT"), 50); // npx hands on what the terminal has given both
    await follow.said(/^offers +\| .* manager: stopped$/m);
    const { code, stdout } = await up.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/^scheduler \| .* manager: stopped$/m);
    expect(stdout).toMatch(/^manager +\| [\d:]+ ended: nothing is left to run\n$/m);
    expect(p.left()).toEqual([]);

    const piped = await p.piped(["up", "streaming"], "head -1");
    expect(piped.code, "a reader that has seen enough stops all, too").toBe(0);
    expect(p.left()).toEqual([]);
    expect((await p.arachne("logs", "-n", "1", "bars")).stdout).toMatch(/^\d\d:\d\d:\d\d manager: stopped\n$/);
  },
);

test("what cannot be run is said before anything is, in one line", { timeout: LONG }, async () => {
  const empty = createProject();
  const cases: [args: string[], line: RegExp][] = [
    [["up"], /up: say what to run: streaming, batch, hybrid, crawler/],
    [["up", "streaming"], /no stream: add a file to streams\//],
    [["up", "streaming", "--json"], /--json goes with -d/],
    [["logs", "x"], /"x" has not been started/],
    [["menu"], /menu: needs a terminal. Without one: `arachne up/],
  ];
  await Promise.all(
    cases.map(async ([args, line]) => {
      const { code, stdout, stderr } = await empty.arachne(...args);
      expect({ args, code, stdout, lines: stderr.split("\n").length }).toEqual({ args, code: 2, stdout: "", lines: 2 });
      expect(stderr).toMatch(line);
    }),
  );
  const project = createProject({ "jobs/idle.ts": IDLE });
  for (const detach of [[], ["-d"]])
    expect(await project.arachne("up", "batch", ...detach, "-s", "LOG_DIR=package.json")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/file: cannot write .*package\.json: /),
    });
  const { processes } = readManaged({ STATE_DIR: join(project.dir, "data/state") });
  expect(processes, "the next manager does not start it").toMatchObject([{ name: "scheduler", wanted: false }]);
  expect(await empty.arachne("status")).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("nothing runs") });
});
