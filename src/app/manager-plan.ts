import { SettingsError } from "../core/errors.ts";
import { planJobs } from "./job-plan.ts";
import type { Project } from "./project.ts";
import type { ResolvedSettings } from "./settings.ts";

export const MODES = ["streaming", "batch", "hybrid", "crawler"] as const;
export type Mode = (typeof MODES)[number];

/** A `crawl` comes to an end of its own; the others run until they are stopped. */
export type ManagedKind = "stream" | "scheduler" | "crawl";

/** A process that the manager is to run. */
export interface ManagedSpec {
  /** Its name for `arachne down` and `logs`, and its log file's. */
  readonly name: string;
  readonly kind: ManagedKind;
  /** What follows `arachne` on its command line. */
  readonly args: readonly string[];
}

export interface PlanRequest {
  project: Project;
  resolved: ResolvedSettings;
  mode: Mode;
  /** Of mode `crawler`; none: the only one there is. */
  spiders: readonly string[];
  /** `-a` options, for each of them. */
  spiderArgs: readonly string[];
  /** `-s` options, handed on to each process. */
  set: readonly string[];
}

/** The manager's own log, and the scheduler's name: no part of the project is called that. */
export const MANAGER = "manager";
const SCHEDULER = "scheduler";

/** What a mode runs. Each part is loaded: what cannot be started is said before anything is. @throws SettingsError */
export async function planManaged({ project, resolved, mode, spiders, spiderArgs, set }: PlanRequest): Promise<ManagedSpec[]> {
  if (mode !== "crawler" && spiders.length > 0)
    throw new SettingsError("no_spider_here", `up ${mode}: takes no spider: \`arachne up crawler ${spiders.join(" ")}\` runs it`);
  if (mode !== "crawler" && spiderArgs.length > 0)
    throw new SettingsError("no_spider_here", `up ${mode}: -a is an argument for a spider: \`arachne up crawler NAME -a …\``);
  const settings = set.flatMap((assignment) => ["-s", assignment]);
  const given = spiderArgs.flatMap((argument) => ["-a", argument]);
  const specs: ManagedSpec[] = [];
  if (mode === "streaming" || mode === "hybrid")
    for (const part of await streamsOf(project))
      specs.push({ name: nameOf("stream", part, project), kind: "stream", args: ["stream", "run", part, ...settings] });
  if (mode === "batch" || mode === "hybrid") {
    if ((await planJobs(project, resolved)).length === 0)
      throw new SettingsError("no_job", `up ${mode}: this project has no job: add a file to jobs/`);
    specs.push({ name: SCHEDULER, kind: "scheduler", args: ["scheduler", ...settings] });
  }
  if (mode === "crawler")
    for (const part of await spidersOf(project, spiders))
      specs.push({ name: nameOf("crawl", part, project), kind: "crawl", args: ["crawl", part, ...given, ...settings] });
  return specs;
}

async function streamsOf(project: Project): Promise<string[]> {
  const names = project.names("streams");
  if (names.length === 0) throw new SettingsError("no_stream", "up: this project has no stream: add a file to streams/");
  for (const name of names) await project.load("streams", name);
  return names;
}

async function spidersOf(project: Project, wanted: readonly string[]): Promise<string[]> {
  const names = project.names("crawlers");
  if (names.length === 0) throw new SettingsError("no_spider", "up crawler: this project has no spider: `arachne genspider` writes one");
  if (wanted.length === 0 && names.length > 1)
    throw new SettingsError("which_spider", `up crawler: name the spider, \`arachne up crawler NAME\`: ${names.join(", ")}`);
  const chosen = wanted.length === 0 ? names : [...new Set(wanted.map((name) => name.replace(/\.ts$/, "")))];
  for (const name of chosen) await project.load("crawlers", name);
  return chosen;
}

/** The part's own name; where a spider and a stream share one, each has its kind before it. */
function nameOf(kind: "stream" | "crawl", part: string, project: Project): string {
  const others = project.names(kind === "stream" ? "crawlers" : "streams");
  return [MANAGER, SCHEDULER, ...others].includes(part) ? `${kind}-${part}` : part;
}
