import { createHash } from "node:crypto";
import type { SupervisorRow } from "./manager-rows.ts";
import type { ResolvedSettings } from "./settings.ts";

/** Digests of the settings that the environment gives, by name: enough to see a difference, and no secret. */
export function environmentSettings({ info }: ResolvedSettings, env: NodeJS.ProcessEnv): SupervisorRow["environment"] {
  const given = info.filter(({ origin }) => origin === "environment");
  return Object.fromEntries(given.map(({ name }) => [name, digest(env[name] ?? "")]));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Names of settings that only one of two environments gives, or that they give otherwise. */
export function differences(a: SupervisorRow["environment"], b: SupervisorRow["environment"]): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]).sort();
}
