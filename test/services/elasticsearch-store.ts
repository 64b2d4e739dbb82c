import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Logger } from "../../src/core/context.ts";
import type { FrameworkSettings } from "../../src/core/settings.ts";
import { settingsSchema } from "../../src/core/settings-schema.ts";
import type { Serving } from "../../src/core/serving.ts";
import { openElasticsearchServing } from "../../src/sinks/elasticsearch/serving.ts";

export type Json = Record<string, unknown>;

export interface Store {
  url: string;
  refusedDir: string;
  /** What was warned of, and what was told. */
  warnings: string[];
  infos: string[];
  open(settings?: Partial<FrameworkSettings>, options?: { signal?: AbortSignal; acceptChange?: boolean }): Promise<Serving>;
}

/** A store at a server, with a folder of its own for what is refused. */
export function storeAt(url: string): Store {
  const refusedDir = mkdtempSync(join(tmpdir(), "arachne-refused-"));
  onTestFinished(() => rmSync(refusedDir, { recursive: true, force: true }));
  const warnings: string[] = [];
  const infos: string[] = [];
  const silent = (): void => undefined;
  const log: Logger = {
    debug: silent,
    info: (message) => void infos.push(message),
    warn: (message) => void warnings.push(message),
    error: silent,
  };
  return {
    url,
    refusedDir,
    warnings,
    infos,
    open: (settings, { signal = new AbortController().signal, acceptChange = false } = {}) =>
      openElasticsearchServing(
        {
          settings: { ...settingsSchema.parse({}), ELASTICSEARCH_URL: url, ...settings },
          log,
          signal,
          now: () => new Date(),
          acceptChange,
        },
        refusedDir,
      ),
  };
}

/** An alias that no other test has; all that was made for it is removed at the end of the test. */
export function freshAlias(url: string): string {
  const alias = `t_${randomUUID().replaceAll("-", "")}`;
  onTestFinished(async () => {
    const found = await call(url, "GET", `/${alias}*?expand_wildcards=all&filter_path=*.settings.index.uuid`);
    for (const index of Object.keys(found)) await call(url, "DELETE", `/${index}`);
    const templates = (await call(url, "GET", `/_index_template/arachne-${alias}*`)) as { index_templates?: { name: string }[] };
    for (const { name } of templates.index_templates ?? []) await call(url, "DELETE", `/_index_template/${name}`);
  });
  return alias;
}

/** Any status is an answer. */
export async function call(url: string, method: string, path: string, body?: object): Promise<Json> {
  const answer = await fetch(url + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  return (await answer.json()) as Json;
}

/** The documents behind a name as readers see them; whole numbers beyond 2^53 as digits. */
export async function read(url: string, alias: string): Promise<Json[]> {
  await fetch(`${url}/${alias}/_refresh`, { method: "POST" });
  const answer = await fetch(`${url}/${alias}/_search?size=10000&filter_path=hits.hits._source`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${alias}: ${text}`);
  const { hits } = JSON.parse(text.replace(/:(\d{16,})([,}])/g, ':"$1"$2')) as { hits?: { hits: { _source: Json }[] } };
  return (hits?.hits ?? []).map((hit) => hit._source);
}

export function refusedLines(dir: string): Json[] {
  return readdirSync(dir).flatMap((file) =>
    readFileSync(join(dir, file), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Json),
  );
}
