import { SettingsError } from "../../core/errors.ts";
import type { Logger } from "../../core/context.ts";
import { lacksAnalysis, VIETNAMESE, WITHOUT_FOLDING } from "./analysis.ts";
import { reasonOf, refused, type Call, type Cluster } from "./cluster.ts";
import type { IndexMeta, Mapping } from "./mapping.ts";

/** What stands under a name. */
export interface Found {
  /** The concrete index. */
  index: string;
  /** All that it shows under. */
  aliases: readonly string[];
  meta: IndexMeta;
  refreshInterval: string | undefined;
}

interface IndexInfo {
  aliases: Readonly<Record<string, object>>;
  mappings: { _meta?: Partial<IndexMeta> };
  settings: { index: { refresh_interval?: string } };
}

export interface Indices {
  /**
   * The index of ours behind an alias; undefined: the name is free.
   * @throws SettingsError `index_owns_name` or `alias_taken` when something else has the name
   */
  find(alias: string): Promise<Found | undefined>;
  /** Puts a template once, so that an index which someone else's write brings up has the right mapping too. */
  template(spec: TemplateSpec): Promise<void>;
  /** Creates an index, with the aliases on it from its first moment. */
  create(index: string, spec: IndexSpec): Promise<void>;
  /** Brings an index's mapping up to date. @throws SettingsError `mapping_changed` when it cannot be without a new index */
  update(found: Found, mapping: Mapping): Promise<void>;
}

export interface TemplateSpec {
  mapping: Mapping;
  /** Of the indices' names. */
  pattern: string;
  /** Hidden ones are not matched by wildcards: readers of `name*` see the aliases, not every version. */
  hidden: boolean;
}

export interface IndexSpec extends Omit<TemplateSpec, "pattern"> {
  refreshInterval: string;
  aliases?: Readonly<Record<string, object>>;
}

export interface IndicesOptions {
  cluster: Cluster;
  shards: number;
  replicas: number;
  log: Logger;
}

const EXISTS = 400;

export function openIndices({ cluster, shards, replicas, log }: IndicesOptions): Indices {
  let analysis: object = VIETNAMESE;
  const templates = new Map<string, string>();
  const basic = (hidden: boolean): object => ({ number_of_shards: shards, number_of_replicas: replicas, hidden });

  /** Sends settings with our analysis; without folding where the server has no such thing. */
  async function ask(call: (analysis: object) => Call): Promise<void> {
    const answer = await cluster.ask(call(analysis), [EXISTS]);
    if (answer.status < 400) return;
    const reason = reasonOf(answer.body);
    if (analysis === VIETNAMESE && lacksAnalysis(reason)) {
      log.warn("this Elasticsearch lacks the module analysis-common: Vietnamese text is found with its diacritics only");
      analysis = WITHOUT_FOLDING;
      return ask(call);
    }
    if (!/already exists/.test(reason)) throw refused(cluster.place, call(analysis), answer);
  }

  return {
    async find(alias) {
      const answer = await cluster.ask<Record<string, IndexInfo>>({ method: "GET", path: `/${encodeURIComponent(alias)}` }, [404]);
      if (answer.status === 404) return undefined;
      const found = Object.entries(answer.body).sort(([a], [b]) => (a < b ? -1 : 1));
      const [index, info] = found.at(-1)!; // should two versions of a table show, the next publication puts that right
      if (index === alias) throw ownsName(cluster.url, alias);
      const foreign = found.filter(([, { mappings }]) => mappings._meta?.made_by !== "arachne" || mappings._meta.alias !== alias);
      if (foreign.length > 0)
        throw taken(
          cluster.url,
          alias,
          foreign.map(([name]) => name),
        );
      const { aliases, mappings, settings } = info;
      return {
        index,
        aliases: Object.keys(aliases),
        meta: mappings._meta as IndexMeta,
        refreshInterval: settings.index.refresh_interval,
      };
    },

    async template({ mapping, pattern, hidden }) {
      const { _meta: meta, ...mappings } = mapping;
      if (templates.get(pattern) === meta.schema) return;
      await ask((analysis) => ({
        method: "PUT",
        path: `/_index_template/arachne-${encodeURIComponent(meta.alias)}`,
        body: {
          index_patterns: [pattern],
          priority: 400,
          template: { settings: { index: basic(hidden), analysis }, mappings },
          _meta: { made_by: "arachne", item: meta.item },
        },
      }));
      templates.set(pattern, meta.schema);
    },

    create(index, { mapping, hidden, refreshInterval, aliases = {} }) {
      return ask((analysis) => ({
        method: "PUT",
        path: `/${encodeURIComponent(index)}`,
        body: {
          settings: { index: { ...basic(hidden), refresh_interval: refreshInterval }, analysis },
          mappings: mapping,
          aliases,
        },
      }));
    },

    async update({ index, meta }, mapping) {
      if (meta.schema === mapping._meta.schema) return;
      const call = { method: "PUT", path: `/${encodeURIComponent(index)}/_mapping`, body: mapping } as const;
      const answer = await cluster.ask(call, [400]);
      if (answer.status < 400) return log.info(`${index} has got the fields that ${mapping._meta.item} has now`);
      throw new SettingsError(
        "mapping_changed",
        `serving: ${index} cannot take the item ${mapping._meta.item} as it is now (${reasonOf(answer.body)}): give the field another name; or make the index anew, which readers see: curl -X DELETE '${cluster.url}/${index}', then run the full batch, which writes all documents again`,
      );
    },
  };
}

function ownsName(url: string, alias: string): SettingsError {
  const json = "-H 'content-type: application/json'";
  return new SettingsError(
    "index_owns_name",
    `serving: ${alias} is an index of its own, and would have to be an alias: choose another name (ES_INDEX), or keep the index under another one: ` +
      `curl -X PUT '${url}/${alias}/_settings' ${json} -d '{"index.blocks.write":true}' && ` +
      `curl -X POST '${url}/${alias}/_clone/${alias}-former' && curl -X DELETE '${url}/${alias}'`,
  );
}

function taken(url: string, alias: string, indices: readonly string[]): SettingsError {
  const remove = JSON.stringify({ actions: indices.map((index) => ({ remove: { index, alias } })) });
  return new SettingsError(
    "alias_taken",
    `serving: ${alias} is an alias of ${indices.join(", ")}, which Arachne did not make for it: choose another name (ES_INDEX), or free this one: ` +
      `curl -X POST '${url}/_aliases' -H 'content-type: application/json' -d '${remove}'`,
  );
}
