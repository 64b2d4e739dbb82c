import { existsSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describeError, SettingsError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import type { ItemPipeline } from "../core/pipeline.ts";
import type { Reconciliation } from "../core/reconcile.ts";
import type { ProjectSettings } from "../core/settings.ts";
import type { Spider } from "../core/spider.ts";
import type { Stream } from "../core/stream.ts";
import { suggest } from "../core/suggest.ts";

/** The folders whose files are the user's parts: a part's name is its file's. */
interface Kinds {
  crawlers: Spider;
  pipelines: ItemPipeline;
  jobs: Job;
  streams: Stream;
  reconcile: Reconciliation;
}

const NOUNS: Record<keyof Kinds, string> = {
  crawlers: "spider",
  pipelines: "item pipeline",
  jobs: "job",
  streams: "stream",
  reconcile: "reconciliation",
};

export interface Project {
  /** Where settings.ts stands; paths in settings are relative to it. */
  readonly root: string;
  readonly settings: ProjectSettings;
  names(kind: keyof Kinds): string[];
  /** @throws SettingsError for an unknown name (with the known ones) or a file that cannot be loaded. */
  load<K extends keyof Kinds>(kind: K, name: string): Promise<Kinds[K]>;
}

/** Opens the project around `from`: the nearest folder upwards that has a settings.ts. */
export async function openProject(from: string): Promise<Project> {
  const root = findRoot(from);
  const settings = (await importDefault(join(root, "settings.ts"), "settings")) as ProjectSettings;
  if (typeof settings !== "object" || settings.values === undefined)
    throw new SettingsError(
      "settings_file",
      `settings: ${join(root, "settings.ts")} does not export defineSettings({ values: … }) by default`,
    );
  return {
    root,
    settings,
    names: (kind) => partNames(join(root, kind)),
    async load(kind, given) {
      const name = given.replace(/\.ts$/, ""); // as the shell completes it
      const file = join(root, kind, `${name}.ts`);
      const names = partNames(join(root, kind));
      if (!names.includes(name))
        throw new SettingsError(
          `unknown_${kind}`,
          `${NOUNS[kind]} ${JSON.stringify(name)} is not known: there is no ${join(kind, `${name}.ts`)}. ${suggest(name, names) ?? `Known: ${names.join(", ") || "none"}`}`,
        );
      return (await importDefault(file, NOUNS[kind])) as never;
    },
  };
}

function findRoot(from: string): string {
  for (let dir = resolve(from); ; dir = dirname(dir)) {
    if (existsSync(join(dir, "settings.ts"))) return dir;
    if (dirname(dir) === dir)
      throw new SettingsError("no_project", `project: no settings.ts in ${resolve(from)} or above it: run arachne inside a project`);
  }
}

function partNames(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((f) => f.endsWith(".ts") && !f.endsWith(".d.ts") && !f.startsWith("_"))
    .map((f) => f.slice(0, -3))
    .sort();
}

async function importDefault(file: string, what: string): Promise<unknown> {
  let module: { default?: unknown };
  try {
    module = (await import(pathToFileURL(file).href)) as { default?: unknown };
  } catch (cause) {
    if (describeError(cause).includes("Cannot require() ES Module"))
      throw new SettingsError("not_a_module", `${what}: ${file} is an ES module: say so in package.json (npm pkg set type=module)`, {
        cause,
      });
    throw new SettingsError("cannot_load", `${what}: cannot load ${file}: ${describeError(cause)}`, { cause });
  }
  if (module.default === undefined) throw new SettingsError("no_default", `${what}: ${file} has no default export`);
  return module.default;
}
