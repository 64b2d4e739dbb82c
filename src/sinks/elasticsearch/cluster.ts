import { errors, type Client } from "@elastic/elasticsearch";
import { ArachneError, SettingsError } from "../../core/errors.ts";
import type { Patience } from "./patience.ts";

export interface Call {
  method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  path: string;
  query?: Readonly<Record<string, string | number | boolean>>;
  body?: object;
  /** Instead of a body: lines of JSON. */
  lines?: Buffer;
  /** For what must not wait; default: until patience has run out. */
  timeoutMs?: number;
}

export interface Answer<T> {
  status: number;
  body: T;
  /** It says that it is Elasticsearch. */
  elastic: boolean;
}

/** What Elasticsearch says of what it does not do. */
export interface Refusal {
  type?: string;
  reason?: string;
  caused_by?: Refusal;
}

/** Requests to a cluster, and what their failures mean. */
export interface Cluster {
  /** Its nodes, without secrets. */
  readonly place: string;
  /** The first node: for commands in messages. */
  readonly url: string;
  readonly patience: Patience;
  /** One try. Every HTTP status is an answer. @throws Unavailable, or a SettingsError that no further try will mend */
  once<T>(call: Call): Promise<Answer<T>>;
  /**
   * Tries until patience runs out; statuses from 400 on that are not in `accept` are errors.
   * @throws TransientError `elasticsearch_unavailable`; SettingsError; ArachneError `elasticsearch_refused`
   */
  ask<T>(call: Call, accept?: readonly number[]): Promise<Answer<T>>;
  close(): Promise<void>;
}

/** No answer, for now. */
export class Unavailable extends Error {}

const OVERLOADED = new Set([429, 502, 503, 504]);

export interface ClusterOptions {
  client: Client;
  nodes: readonly string[];
  patience: Patience;
  signal: AbortSignal;
}

export function openCluster({ client, nodes, patience, signal }: ClusterOptions): Cluster {
  const place = nodes.join(", ");

  async function once<T>({ method, path, query, body, lines, timeoutMs }: Call): Promise<Answer<T>> {
    try {
      const answer = await client.transport.request<T>(
        {
          method,
          path,
          ...(query === undefined ? {} : { querystring: query }),
          ...(lines === undefined ? {} : { bulkBody: lines }),
          ...(body === undefined ? {} : { body }),
        },
        { meta: true, signal, ...(timeoutMs === undefined ? {} : { requestTimeout: timeoutMs }) },
      );
      return { status: answer.statusCode ?? 200, body: answer.body, elastic: saysElastic(answer.headers) };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof errors.ResponseError) {
        return { status: error.statusCode ?? 500, body: error.body as T, elastic: saysElastic(error.headers) };
      }
      throw explain(place, error);
    }
  }

  return {
    place,
    url: nodes[0] ?? "",
    patience,
    once,
    async ask<T>(call: Call, accept: readonly number[] = []): Promise<Answer<T>> {
      const since = performance.now();
      for (let attempt = 0; ; attempt++) {
        try {
          const answer = await once<T>(call);
          if (answer.status < 400 || accept.includes(answer.status)) {
            patience.progress();
            return answer;
          }
          if (!isOverloaded(answer.status)) throw refused(place, call, answer);
          await patience.pause(attempt, since, `${answer.status} ${reasonOf(answer.body)}`);
        } catch (error) {
          if (!(error instanceof Unavailable)) throw error;
          await patience.pause(attempt, since, error);
        }
      }
    },
    close: () => client.close(),
  };
}

export function isOverloaded(status: number): boolean {
  return OVERLOADED.has(status);
}

function saysElastic(headers: Readonly<Record<string, unknown>> | null | undefined): boolean {
  return headers?.["x-elastic-product"] === "Elasticsearch";
}

/** Why, in one line: the outermost reason and the innermost. */
export function reasonOf(body: unknown): string {
  const error = (body as { error?: Refusal | string } | null | undefined)?.error;
  return typeof error === "object" ? reasonsOf(error) : (error ?? "");
}

export function reasonsOf(outer: Refusal): string {
  let inner = outer;
  while (inner.caused_by !== undefined) inner = inner.caused_by;
  const reasons = [outer, inner].map(({ type = "", reason = "" }) => (reason === "" ? type : reason).replace(/\s+/g, " "));
  return [...new Set(reasons)].join(": ").slice(0, 500);
}

/** An answer that no further try will change, as an error. */
export function refused(place: string, { method, path }: Call, { status, body }: Answer<unknown>): ArachneError {
  const reason = reasonOf(body);
  if (status === 401)
    return new SettingsError(
      "elasticsearch_denied",
      `serving: Elasticsearch at ${place} wants a login, or another one: set ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD`,
    );
  // A 403 is also what writing to a blocked index gets: no login mends that.
  if (status === 403 && !reason.includes("blocked by"))
    return new SettingsError(
      "elasticsearch_denied",
      `serving: the login for Elasticsearch at ${place} may not do ${method} ${path} (${reason}): docs/serving.md lists the privileges that are needed`,
    );
  return new ArachneError("elasticsearch_refused", `serving: Elasticsearch at ${place} refused ${method} ${path} (${status} ${reason})`);
}

function explain(place: string, error: unknown): Error {
  if (error instanceof errors.ProductNotSupportedError)
    return new SettingsError("elasticsearch_product", `serving: what answers at ${place} is not Elasticsearch: see ELASTICSEARCH_URL`, {
      cause: error,
    });
  if (!(error instanceof errors.ElasticsearchClientError)) return error instanceof Error ? error : new Error(String(error));
  if (/certificate|self.signed|altname|wrong version number|SSL routines/i.test(error.message))
    return new SettingsError(
      "elasticsearch_tls",
      `serving: no trusted connection to Elasticsearch at ${place} (${error.message}): name its certificate authority with ELASTICSEARCH_CA_FILE, and see that the URL says https:// only where the server speaks it`,
      { cause: error },
    );
  if (error instanceof errors.TimeoutError) return new Unavailable("no answer in time", { cause: error });
  return new Unavailable(error.message === "" ? error.name : error.message, { cause: error });
}
