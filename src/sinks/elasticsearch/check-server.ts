import { SettingsError } from "../../core/errors.ts";
import type { Answer, Cluster } from "./cluster.ts";

/** The client's and, so, the server's. */
const MAJOR = "8";
/** `GET /` is missing in some builds, and both may be forbidden. */
const NO_ANSWER = [400, 403, 404, 405];
const FORBIDDEN = 403;

/** Asks for the version where the server tells it. @throws SettingsError `elasticsearch_version`, `elasticsearch_url` */
export async function checkServer(cluster: Cluster): Promise<void> {
  const root = await cluster.ask<{ version?: { number?: string } }>({ method: "GET", path: "/" }, NO_ANSWER);
  let version = root.body?.version?.number;
  if (version === undefined) {
    const query = { filter_path: "nodes.*.version" };
    const local = await cluster.ask<{ nodes?: Record<string, { version?: string }> }>(
      { method: "GET", path: "/_nodes/_local", query },
      NO_ANSWER,
    );
    version = Object.values(local.body?.nodes ?? {})[0]?.version;
    if (version === undefined && !isForbidden(local)) throw noServer(cluster.place);
  }
  if (version !== undefined && version.split(".")[0] !== MAJOR)
    throw new SettingsError(
      "elasticsearch_version",
      `serving: Elasticsearch at ${cluster.place} is ${version}, and Arachne speaks to version ${MAJOR}: use a server of that version`,
    );
}

/** Elasticsearch itself says so: anything else that stands there would be found out only when all has been read. */
function isForbidden({ status, elastic }: Answer<unknown>): boolean {
  return status === FORBIDDEN && elastic;
}

function noServer(place: string): SettingsError {
  return new SettingsError(
    "elasticsearch_url",
    `serving: Elasticsearch does not answer at ${place}, something else or no such path does: write http://host:9200 into ELASTICSEARCH_URL, with a path only where a proxy has put it there`,
  );
}
