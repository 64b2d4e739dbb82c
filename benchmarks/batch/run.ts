/** The batch job in a process of its own, which says what it had used when it began to publish. */
import { join } from "node:path";
import type { Logger } from "../../src/core/context.ts";
import { openProject } from "../../src/app/project.ts";
import { runJob } from "../../src/app/run-job.ts";
import { resolveSettings } from "../../src/app/settings.ts";

let atPublish = { cpu: 0, seconds: 0, rss: 0 };
const log: Logger = {
  debug() {},
  info(message) {
    if (message !== "publishing") return;
    const { user, system } = process.cpuUsage();
    atPublish = { cpu: (user + system) / 1e6, seconds: process.uptime(), rss: process.resourceUsage().maxRSS / 1024 };
  },
  warn() {},
  error() {},
};

const project = await openProject(join(import.meta.dirname, "../.."));
const { settings } = resolveSettings({ root: project.root, project: project.settings, env: {}, commandLine: process.argv.slice(2) });
const signal = new AbortController().signal;
const { result } = await runJob({ project, job: "bds_batch", settings, log, signal, now: () => new Date() });
console.log(JSON.stringify({ ...atPublish, rowsOut: result.rowsOut }));
