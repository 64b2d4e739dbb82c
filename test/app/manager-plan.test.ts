import { expect, test } from "vitest";
import { planManaged, type ManagedSpec, type Mode } from "../../src/app/manager-plan.ts";
import { openProject } from "../../src/app/project.ts";
import { resolveSettings } from "../../src/app/settings.ts";
import { createProject } from "../cli/project.ts";

async function plan(
  files: readonly string[],
  mode: Mode,
  spiders: readonly string[] = [],
  set: readonly string[] = [],
  spiderArgs: readonly string[] = [],
): Promise<ManagedSpec[]> {
  const { dir } = createProject(Object.fromEntries(files.map((file) => [file, "export default { run: () => ({}) };"])));
  const project = await openProject(dir);
  const resolved = resolveSettings({ root: dir, project: project.settings, env: {}, commandLine: set });
  return planManaged({ project, resolved, mode, spiders, spiderArgs, set });
}

const names = async (...request: Parameters<typeof plan>): Promise<string[]> => (await plan(...request)).map((spec) => spec.name);

const PARTS = ["streams/a.ts", "streams/b.ts", "jobs/j.ts", "crawlers/s.ts"];

test("a mode is the processes that make it up, with the settings that were given", async () => {
  expect(await plan(PARTS, "hybrid", [], ["LOG_LEVEL=debug"])).toEqual([
    { name: "a", kind: "stream", args: ["stream", "run", "a", "-s", "LOG_LEVEL=debug"] },
    { name: "b", kind: "stream", args: ["stream", "run", "b", "-s", "LOG_LEVEL=debug"] },
    { name: "scheduler", kind: "scheduler", args: ["scheduler", "-s", "LOG_LEVEL=debug"] },
  ]);
  expect(await names(PARTS, "streaming")).toEqual(["a", "b"]);
  expect(await names(PARTS, "batch")).toEqual(["scheduler"]);
  expect(await plan(PARTS, "crawler")).toEqual([{ name: "s", kind: "crawl", args: ["crawl", "s"] }]);
  expect(await names([...PARTS, "crawlers/t.ts"], "crawler", ["t", "s.ts", "t"])).toEqual(["t", "s"]);
  expect((await plan(PARTS, "crawler", ["s"], ["LOG_LEVEL=warn"], ["start=/a", "b=-1"]))[0]!.args).toEqual(
    ["crawl", "s", "-a", "start=/a", "-a", "b=-1", "-s", "LOG_LEVEL=warn"], // prettier-ignore
  );
});

test("a spider and a stream of one name have different ones here, and neither takes the manager's", async () => {
  const files = ["streams/same.ts", "streams/manager.ts", "crawlers/same.ts", "crawlers/scheduler.ts"];
  expect(await names(files, "streaming")).toEqual(["stream-manager", "stream-same"]);
  expect(await names(files, "crawler", ["same", "scheduler"])).toEqual(["crawl-same", "crawl-scheduler"]);
});

test("what is not there is said, with what to do", async () => {
  await expect(plan([], "streaming")).rejects.toThrow("no stream: add a file to streams/");
  await expect(plan(["jobs/j.ts"], "hybrid")).rejects.toThrow("no stream");
  await expect(plan(["streams/a.ts"], "hybrid")).rejects.toThrow("no job: add a file to jobs/");
  await expect(plan([], "crawler")).rejects.toThrow("no spider: `arachne genspider`");
  await expect(plan(["crawlers/s.ts", "crawlers/t.ts"], "crawler")).rejects.toThrow("name the spider, `arachne up crawler NAME`: s, t");
  await expect(plan(PARTS, "crawler", ["z"])).rejects.toThrow('spider "z" is not known');
  await expect(plan(PARTS, "batch", ["s"])).rejects.toThrow("takes no spider: `arachne up crawler s`");
  await expect(plan(PARTS, "hybrid", [], [], ["start=/a"])).rejects.toThrow("-a is an argument for a spider: `arachne up crawler NAME");
  await expect(plan(PARTS, "batch", [], ['JOB_SCHEDULES={"k":"off"}'])).rejects.toThrow("there is no such job");
});
