import type { ProjectSettings } from "../core/settings.ts";
import { settingsSchema } from "../core/settings-schema.ts";
import { jsonSchemaOf } from "./settings.ts";

/** Every setting with its default and meaning as a Markdown table, straight from the schema: what README and docs embed. Nothing of this machine shows in it. */
export function settingsReference(project: ProjectSettings, wanted: (name: string) => boolean): string {
  const rows = Object.entries({ ...settingsSchema.shape, ...project.declare })
    .filter(([name]) => wanted(name))
    .map(([name, schema]) => {
      const json = jsonSchemaOf(schema);
      const allowed = Array.isArray(json["enum"]) ? ` (${json["enum"].join(", ")})` : "";
      const secret = json["secret"] === true ? ". Secret: from the environment or .env only" : "";
      const description = typeof json["description"] === "string" ? json["description"] : "";
      return `| \`${name}\` | ${code(json["default"])} | ${escape(description + allowed + secret)} |`;
    });
  return ["| setting | default | what it is |", "| --- | --- | --- |", ...rows].join("\n");
}

function code(value: unknown): string {
  if (value === undefined) return "";
  return `\`${escape(typeof value === "string" ? value : JSON.stringify(value))}\``;
}

const escape = (text: string): string => text.replaceAll("|", "\\|");
