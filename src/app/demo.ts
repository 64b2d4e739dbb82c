import { SettingsError } from "../core/errors.ts";
import type { DemoSite } from "../core/spider.ts";
import type { Project } from "./project.ts";

export interface NamedDemo {
  /** The spider it comes with. */
  name: string;
  demo: DemoSite;
}

/** The demo site of the spider named, or of the only one that has one. @throws SettingsError */
export async function findDemo(project: Project, spider: string | undefined): Promise<NamedDemo> {
  if (spider !== undefined) {
    const { demo } = await project.load("crawlers", spider);
    if (demo === undefined) throw new SettingsError("no_demo", `demo site: ${spider} has none: ${known(await demoSites(project))}`);
    return { name: spider, demo };
  }
  const all = await demoSites(project);
  if (all.length !== 1)
    throw new SettingsError(
      "no_demo",
      `demo site: ${all.length === 0 ? "no spider of this project has one" : `name the spider: ${known(all)}`}`,
    );
  return all[0]!;
}

/** Every demo site of the project. Spiders that cannot be loaded are passed over: their own command says why. */
export async function demoSites(project: Project): Promise<NamedDemo[]> {
  const loaded = await Promise.allSettled(
    project.names("crawlers").map(async (name) => ({ name, demo: (await project.load("crawlers", name)).demo })),
  );
  return loaded.flatMap((r) =>
    r.status === "fulfilled" && r.value.demo !== undefined ? [{ name: r.value.name, demo: r.value.demo }] : [],
  );
}

function known(all: readonly NamedDemo[]): string {
  return all.length === 0
    ? "no spider of this project has one"
    : `${all.map((d) => d.name).join(", ")} ${all.length === 1 ? "has" : "have"} one`;
}
