import { readFileSync } from "node:fs";
import { Agent, fetch, FormData } from "undici";
import { ArachneError, SettingsError, TransientError } from "../../src/core/errors.ts";
import { printable } from "../../src/core/printable.ts";
import type { FrameworkSettings } from "../../src/core/settings.ts";
import { toNdjson, type SavedObject } from "./saved-object.ts";

type Where = Pick<
  FrameworkSettings,
  "KIBANA_URL" | "ELASTICSEARCH_API_KEY" | "ELASTICSEARCH_USERNAME" | "ELASTICSEARCH_PASSWORD" | "ELASTICSEARCH_CA_FILE"
>;

interface ImportAnswer {
  success: boolean;
  successCount: number;
  errors?: { id: string; type: string; error: { type: string; message?: string } }[];
}

const TIMEOUT_MS = 60_000;

/**
 * Gives Kibana saved objects; those of the same ids are replaced.
 * https://www.elastic.co/guide/en/kibana/8.19/saved-objects-api-import.html
 * @throws SettingsError `kibana_url`, `kibana_login`; TransientError `kibana_unavailable`; ArachneError `kibana_refused` when it takes only
 * some, or none
 */
export async function importObjects(objects: readonly SavedObject[], where: Where): Promise<number> {
  const url = baseOf(where.KIBANA_URL);
  const body = new FormData();
  body.set("file", new Blob([toNdjson(objects)], { type: "application/x-ndjson" }), "arachne.ndjson");
  const ca = where.ELASTICSEARCH_CA_FILE;
  const dispatcher = new Agent(ca === undefined ? {} : { connect: { ca: readFileSync(ca, "utf8") } });
  try {
    const response = await fetch(`${url}/api/saved_objects/_import?overwrite=true`, {
      method: "POST",
      headers: { "kbn-xsrf": "arachne", ...login(where) },
      body,
      dispatcher,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return read(url, response.status, await response.text());
  } catch (cause) {
    if (cause instanceof ArachneError) throw cause;
    throw new TransientError(
      "kibana_unavailable",
      `kibana: giving ${url} the dashboard: it cannot be reached: start Kibana, or set KIBANA_URL to where it is`,
      {
        cause,
      },
    );
  } finally {
    await dispatcher.close();
  }
}

function baseOf(given: string): string {
  const url = new URL(given);
  if (url.username !== "" || url.password !== "")
    throw new SettingsError(
      "kibana_url",
      "kibana: KIBANA_URL holds a user or a password: take them out, and set ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD in the environment",
    );
  return url.href.replace(/\/+$/, "");
}

function login({
  ELASTICSEARCH_API_KEY: key,
  ELASTICSEARCH_USERNAME: user,
  ELASTICSEARCH_PASSWORD: password,
}: Where): Record<string, string> {
  if (key !== undefined) return { authorization: `ApiKey ${key}` };
  if (user === undefined || password === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

function read(url: string, status: number, text: string): number {
  if (status === 401 || status === 403)
    throw new SettingsError(
      "kibana_login",
      `kibana: giving ${url} the dashboard: it refuses the login (${status}): set ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD, of one who may manage saved objects`,
    );
  if (status === 429 || status >= 500)
    throw new TransientError(
      "kibana_unavailable",
      `kibana: giving ${url} the dashboard: it is not ready (${status} ${brief(text)}): try again in a minute`,
    );
  const answer = status === 200 ? parsed(text) : undefined;
  if (answer === undefined)
    throw new ArachneError(
      "kibana_refused",
      `kibana: giving ${url} the dashboard: it answers ${status} ${brief(text)}: see that KIBANA_URL is Kibana's, with its base path`,
    );
  if (!answer.success) {
    const reasons = (answer.errors ?? []).map(({ type, id, error }) => brief(`${type} ${id}: ${error.message ?? error.type}`));
    throw new ArachneError(
      "kibana_refused",
      `kibana: giving ${url} the dashboard: it took ${answer.successCount} objects and refused ${reasons.length} (${reasons.slice(0, 3).join("; ")}): they are made for Kibana 8.19`,
    );
  }
  return answer.successCount;
}

function parsed(text: string): ImportAnswer | undefined {
  try {
    const answer = JSON.parse(text) as Partial<ImportAnswer>;
    return typeof answer.success === "boolean" ? (answer as ImportAnswer) : undefined;
  } catch {
    return undefined;
  }
}

function brief(text: string): string {
  return printable(text.replace(/\s+/g, " ").trim().slice(0, 200));
}
