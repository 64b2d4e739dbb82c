import type { Command } from "commander";
import { createLogger } from "../app/logger.ts";
import { openProject, type Project } from "../app/project.ts";
import { resolveSettings, type ResolvedSettings } from "../app/settings.ts";
import type { Logger } from "../core/context.ts";
import type { Settings } from "../core/settings.ts";
import type { Spider } from "../core/spider.ts";

/** What nearly every command starts from. */
export interface Session {
  project: Project;
  /** Only where the command was given one. */
  spider: Spider | undefined;
  resolved: ResolvedSettings;
  settings: Settings;
  log: Logger;
  now: () => Date;
}

/** For options that may be given several times. */
export const collect = (value: string, all: readonly string[] | undefined): string[] => [...(all ?? []), value];

export function addSetOption(command: Command): Command {
  return command.option("-s, --set <NAME=VALUE>", "setting for this run (repeatable)", collect);
}

/** The project around the working directory, with the settings that the spider (if any) and `-s` give it. */
export async function openSession({
  spider: name,
  set = [],
  write = (line) => void process.stderr.write(`${line}\n`),
}: {
  spider?: string | undefined;
  set?: readonly string[] | undefined;
  /** Where log lines go, when a status line is in their way. */
  write?: (line: string) => void;
}): Promise<Session> {
  const project = await openProject(process.cwd());
  const spider = name === undefined ? undefined : await project.load("crawlers", name);
  const resolved = resolveSettings({
    root: project.root,
    project: project.settings,
    spider: spider?.settings,
    env: process.env,
    commandLine: set,
  });
  const now = (): Date => new Date();
  const log = createLogger({
    level: resolved.settings.LOG_LEVEL,
    format: resolved.settings.LOG_FORMAT,
    now,
    write,
  });
  return { project, spider, resolved, settings: resolved.settings, log, now };
}
