import type { Command } from "commander";
import { settingsReference } from "../app/settings-reference.ts";
import type { SettingInfo } from "../app/settings.ts";
import { SettingsError } from "../core/errors.ts";
import { suggest } from "../core/suggest.ts";
import { print } from "./output.ts";
import { addSetOption, openSession } from "./session.ts";
import { wrap } from "./terminal-text.ts";

interface Options {
  spider?: string;
  set?: string[];
  json?: boolean;
  markdown?: boolean;
}

const EXAMPLES = `
Examples:
  arachne settings                       all, with where each value comes from
  arachne settings BATCH                 those with BATCH in their name
  arachne settings --spider bds_spider   as a crawl of this spider has them
  arachne settings BATCH_SIZE -s BATCH_SIZE=50
  arachne settings --markdown            the reference as a Markdown table

The nearest wins: -s, environment, .env, spider, settings.ts, default.`;

export default function (command: Command): void {
  addSetOption(command)
    .argument("[name]", "only settings whose names contain this, in any case")
    .option("--spider <spider>", "with the settings of this spider")
    .option("--json", "one JSON object: name → value, origin, description")
    .option("--markdown", "the reference table: defaults, whatever is set here")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(name: string | undefined, options: Options): Promise<void> {
  const { project, resolved } = await openSession(options);
  if (options.markdown === true) return print(`${settingsReference(project.settings, (n) => matches(n, name))}\n`);
  const found = resolved.info.filter((info) => matches(info.name, name));
  if (found.length === 0) {
    const known = resolved.info.map((info) => info.name);
    throw new SettingsError(
      "unknown_setting",
      `settings: no name contains ${JSON.stringify(name)}. ${suggest(name ?? "", known) ?? "`arachne settings` lists them all"}`,
    );
  }
  await print(
    options.json === true
      ? `${JSON.stringify(Object.fromEntries(found.map(toJson)), undefined, 2)}\n`
      : `${found.map(toText).join("\n")}\n`,
  );
}

function matches(name: string, part: string | undefined): boolean {
  return part === undefined || name.toLowerCase().includes(part.toLowerCase());
}

const HIDDEN = "(hidden)";

function toJson(info: SettingInfo): [string, object] {
  const value = info.secret && info.value !== undefined ? HIDDEN : (info.value ?? null);
  return [info.name, { value, origin: info.origin, description: info.description }];
}

function toText({ name, value, origin, secret, description }: SettingInfo): string {
  const shown = value === undefined ? "(not set)" : secret ? HIDDEN : typeof value === "string" ? value : JSON.stringify(value);
  return [
    ...wrap(`${name} = ${shown}`, 60, "    ").map((line, i) => (i === 0 ? `${line.padEnd(62)}${origin}` : line)),
    ...wrap(description, 76, "").map((line) => `    ${line}`),
  ]
    .map((line) => line.trimEnd())
    .join("\n");
}
