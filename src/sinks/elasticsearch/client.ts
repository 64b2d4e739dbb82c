import { readFileSync } from "node:fs";
import { Client, type ClientOptions } from "@elastic/elasticsearch";
import { describeError, SettingsError } from "../../core/errors.ts";
import type { FrameworkSettings } from "../../core/settings.ts";

type Auth = { apiKey: string } | { username: string; password: string };

/** The nodes as URLs without a slash at their end, for messages and commands. @throws SettingsError `elasticsearch_url` */
export function nodesOf({ ELASTICSEARCH_URL }: FrameworkSettings): string[] {
  const nodes = (ELASTICSEARCH_URL ?? "").split(",").map((node) => node.trim());
  return nodes.filter((node) => node !== "").map(toNode);
}

/**
 * A client that tries once: what is tried again, and how long, is for `patience.ts` to say.
 * @throws SettingsError `elasticsearch_url`, `elasticsearch_login`, `elasticsearch_ca`
 */
export function openClient(settings: FrameworkSettings): Client {
  const auth = authOf(settings);
  const options: ClientOptions = {
    nodes: nodesOf(settings),
    maxRetries: 0,
    // A server that takes a request and never answers counts as one that is down.
    requestTimeout: Math.max(30_000, settings.ELASTICSEARCH_RETRY_SECONDS * 1000),
    ...(auth === undefined ? {} : { auth }),
    ...(settings.ELASTICSEARCH_CA_FILE === undefined ? {} : { tls: { ca: readCa(settings.ELASTICSEARCH_CA_FILE) } }),
  };
  return new Client(options);
}

function toNode(text: string): string {
  // Its text is not repeated before it is known to hold no password.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.username !== "" || url.password !== ""))
    throw wrongUrl(
      "holds a user or a password: take them out, and set ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD in the environment",
    );
  if (text.includes("@")) throw wrongUrl("is no URL: write http://host:9200, without a user or a password");
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw wrongUrl(`is ${text}: write http://host:9200 or https://host:9200`);
  return url.href.replace(/\/$/, "");
}

function wrongUrl(what: string): SettingsError {
  return new SettingsError("elasticsearch_url", `serving: ELASTICSEARCH_URL ${what}`);
}

function authOf(settings: FrameworkSettings): Auth | undefined {
  const { ELASTICSEARCH_API_KEY: apiKey, ELASTICSEARCH_USERNAME: username, ELASTICSEARCH_PASSWORD: password } = settings;
  const refuse = (what: string) => new SettingsError("elasticsearch_login", `serving: ${what}`);
  if (apiKey !== undefined && (username !== undefined || password !== undefined))
    throw refuse("both ELASTICSEARCH_API_KEY and ELASTICSEARCH_USERNAME or ELASTICSEARCH_PASSWORD are set: set one kind of login");
  if (apiKey !== undefined) return { apiKey };
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined)
    throw refuse("ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD belong together: set both");
  return { username, password };
}

function readCa(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new SettingsError(
      "elasticsearch_ca",
      `serving: cannot read ELASTICSEARCH_CA_FILE ${path} (${describeError(cause)}): name the certificate authority's PEM file`,
      { cause },
    );
  }
}
