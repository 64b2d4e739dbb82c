import { expect, test } from "vitest";
import { createProject, start } from "./project.ts";

const job = (spec: string): string => `import { defineJob } from "arachne";
const done = { rowsIn: 0, rowsOut: 0, rejected: {}, duplicates: 0, tables: [], notes: ["3 files archived"] };
const stopped = (c, error) => new Promise((_, reject) => {
  const busy = setInterval(() => undefined, 1000);
  c.signal.addEventListener("abort", () => { clearInterval(busy); reject(error ?? c.signal.reason); });
  process.stdout.write("at work\\n");
});
export default defineJob({ ${spec} });
`;

const FILES = {
  "jobs/tidy.ts": job('output: "none", run: () => Promise.resolve(done)'),
  "jobs/patient.ts": job("run: (c) => stopped(c)"),
  "jobs/torn.ts": job('run: (c) => stopped(c, new Error("the disk is full"))'),
};

test.each([
  ["batch", "patient", 143, /^((?!error).)*$/s, "stopped by a signal"],
  ["batch", "torn", 1, /error the disk is full/, "stopped by a signal: the disk is full"],
  ["job run", "torn", 1, /error the disk is full/, "stopped by a signal: the disk is full"],
])("%s %s, stopped by SIGTERM, tells what went wrong besides, and ends with %i", async (command, name, code, stderr, error) => {
  const project = createProject(FILES);
  const running = start(project.dir, [...command.split(" "), name]);
  await running.said(/at work/);
  running.kill("SIGTERM");
  expect(await running.ended).toMatchObject({ code, stderr: expect.stringMatching(stderr) });
  const history = await project.arachne("jobs", "history", "--json");
  expect(JSON.parse(history.stdout)).toMatchObject([{ job: name, state: "stopped", error }]);
});

test.each(["verify torn", "backfill torn --from 2026-01-01 --to 2026-01-02"])(
  "%s, stopped by SIGTERM, tells what went wrong besides",
  async (command) => {
    const project = createProject(FILES);
    const running = start(project.dir, command.split(" "));
    await running.said(/at work/);
    running.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/error .*the disk is full/) });
  },
);

test("a job without output of its own tells what it did, and of no rows or files", async () => {
  const { code, stdout } = await createProject(FILES).arachne("job", "run", "tidy");
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^3 files archived\ntidy for [\d-]+: done in \S+ s\n$/) });
});
