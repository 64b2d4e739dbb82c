import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { SettingsError } from "../core/errors.ts";
import type { ProjectSettings, Settings, SettingsInput } from "../core/settings.ts";
import { settingsSchema } from "../core/settings-schema.ts";
import { suggest } from "../core/suggest.ts";

export type Origin = "default" | "settings.ts" | "spider" | ".env" | "environment" | "command line";

export interface SettingInfo {
  readonly name: string;
  readonly value: unknown;
  readonly origin: Origin;
  readonly secret: boolean;
  readonly description: string;
}

export interface ResolvedSettings {
  readonly settings: Settings;
  readonly info: readonly SettingInfo[];
  origin(name: string): Origin;
}

export interface SettingsLayers {
  root: string;
  project: ProjectSettings;
  spider?: SettingsInput | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** `-s NAME=VALUE` */
  commandLine?: readonly string[];
}

interface Layer {
  origin: Origin;
  values: Readonly<Record<string, unknown>>;
  /** Values are text and are read by what the setting wants. */
  text: boolean;
  /** Names that no setting has are errors here; the process environment holds many that are not ours. */
  strict: boolean;
}

/**
 * Settles every setting: command line > environment (then .env) > spider > settings.ts > default.
 * @throws SettingsError for an unknown name or an invalid value, naming it, where it came from and what is allowed.
 */
export function resolveSettings({ root, project, spider, env, commandLine = [] }: SettingsLayers): ResolvedSettings {
  const shape: Readonly<Record<string, z.ZodType>> = { ...settingsSchema.shape, ...project.declare };
  const layers: Layer[] = [
    { origin: "command line", values: parseAssignments(commandLine), text: true, strict: true },
    { origin: "environment", values: nonEmpty(env), text: true, strict: false },
    { origin: ".env", values: readEnvFile(join(root, ".env")), text: true, strict: true },
    { origin: "spider", values: spider ?? {}, text: false, strict: true },
    { origin: "settings.ts", values: project.values, text: false, strict: true },
  ];
  for (const layer of layers) if (layer.strict) refuseUnknown(layer, Object.keys(shape));

  const info = Object.entries(shape).map(([name, schema]): SettingInfo => {
    const json = jsonSchemaOf(schema);
    const secret = json["secret"] === true;
    const layer = layers.find((l) => l.values[name] !== undefined);
    if (secret && layer !== undefined && (layer.origin === "settings.ts" || layer.origin === "spider" || layer.origin === "command line"))
      throw new SettingsError("secret_in_file", `${name} (from ${layer.origin}) is a secret: give it in the environment or in .env only`);
    const raw = layer?.values[name];
    const given = layer?.text === true ? fromText(String(raw), json) : raw;
    const parsed = schema.safeParse(given);
    if (!parsed.success) throw invalid(name, secret ? "(hidden)" : given, layer?.origin ?? "default", json, parsed.error);
    return {
      name,
      value: parsed.data,
      origin: layer?.origin ?? "default",
      secret,
      description: typeof json["description"] === "string" ? json["description"] : "",
    };
  });
  const absolute = ({ name, value }: SettingInfo): unknown =>
    typeof value === "string" && jsonSchemaOf(shape[name]!)["path"] === true ? resolve(root, value) : value;
  const origins = new Map(info.map((i) => [i.name, i.origin]));
  return {
    settings: Object.freeze(Object.fromEntries(info.map((i) => [i.name, absolute(i)]))) as Settings,
    info,
    origin: (name) => origins.get(name) ?? "default",
  };
}

type Json = Record<string, unknown>;

/** The JSON Schema is zod's public face: types, limits, descriptions and metadata are read from it alone. */
export function jsonSchemaOf(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
}

function parseAssignments(assignments: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    assignments.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw new SettingsError("bad_assignment", `-s ${text}: write NAME=VALUE`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function readEnvFile(path: string): Record<string, string | undefined> {
  return existsSync(path) ? nonEmpty(parseEnv(readFileSync(path, "utf8"))) : {};
}

/** `HTTP_PROXY=` says "none" in a shell, a compose file or a .env: a name without a value is not given. */
function nonEmpty(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value === "" ? undefined : value]));
}

function refuseUnknown(layer: Layer, known: readonly string[]): void {
  for (const name of Object.keys(layer.values))
    if (!known.includes(name))
      throw new SettingsError(
        "unknown_setting",
        `${name} (from ${layer.origin}) is not a setting. ${suggest(name, known) ?? "`arachne settings` lists them all"}`,
      );
}

function fromText(text: string, json: Json): unknown {
  const type = json["type"];
  if (type === "integer" || type === "number") return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  if (type === "boolean") return /^(1|true|yes|on)$/i.test(text) ? true : /^(0|false|no|off)$/i.test(text) ? false : text;
  // `[500, 503]` or `500,503`; a single `404` is JSON too, but no list.
  if (type === "array" && !text.trimStart().startsWith("["))
    return text.trim() === "" ? [] : text.split(",").map((part) => fromText(part.trim(), (json["items"] ?? {}) as Json));
  if (type === "array" || type === "object") {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text;
}

function invalid(name: string, given: unknown, origin: Origin, json: Json, error: z.ZodError): SettingsError {
  const allowed = Array.isArray(json["enum"]) ? `allowed: ${json["enum"].join(", ")}` : error.issues.map((i) => i.message).join("; ");
  return new SettingsError("invalid_setting", `${name}=${JSON.stringify(given)} (from ${origin}) is not valid: ${allowed}`);
}
