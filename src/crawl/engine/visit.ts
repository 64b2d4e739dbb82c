import { ArachneError, CriticalError, describeError, RejectedError, SettingsError, TransientError } from "../../core/errors.ts";
import type { Page } from "../../core/page.ts";
import type { Settings } from "../../core/settings.ts";
import type { Spider } from "../../core/spider.ts";
import { failpoint } from "../../storage/failpoint.ts";
import { decode } from "../http/decode.ts";
import { detectWall } from "../http/blocked.ts";
import { decideRetry, retryAfterMs } from "../http/retry-policy.ts";
import type { Outcome, QueuedRequest, StoredOptions } from "../journal/records.ts";
import { createPage } from "../page/page.ts";
import type { Harvester } from "./harvest.ts";

/** A page's bytes, however they were fetched. */
export interface Answer {
  url: string;
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  elapsedMs: number;
}

export type Fetcher = (request: QueuedRequest, options: StoredOptions | undefined) => Promise<Answer>;

export type Verdict = { outcome: Outcome } | { retryAt: number; reason: string; detail: string };

export interface VisitOptions {
  spider: Spider;
  settings: Settings;
  harvester: Harvester;
  fetch: Fetcher;
  /** @throws RejectedError `robots_txt` */
  allow: (url: string) => Promise<void> | undefined;
  /** The host answered (or not: status 0) after so long. */
  answered: (request: QueuedRequest, elapsedMs: number, status: number) => void;
  /** The host asked to be left alone until then. */
  hold: (request: QueuedRequest, until: number) => void;
  fingerprint: (url: string) => Buffer;
  sitemap: (page: Page, callback: string) => ReturnType<Harvester["page"]>;
  now: () => Date;
}

/** Sitemaps travel through the frontier like pages, under a callback name that no spider can have. */
export const SITEMAP_CALLBACK = "$sitemap:";

/** Takes one request to its end: a page parsed, a failure with its reason, or another try later. Only bugs of ours and a full disk throw. */
export function createVisitor(o: VisitOptions): (request: QueuedRequest) => Promise<Verdict> {
  const { spider, settings, harvester } = o;
  const allowed = new Set(settings.HTTPERROR_ALLOWED_CODES);

  async function fetchPage(request: QueuedRequest, options: StoredOptions | undefined): Promise<{ page: Page; answer: Answer }> {
    let started = performance.now();
    let answer: Answer;
    try {
      const asking = o.allow(request.url);
      if (asking !== undefined) {
        await asking;
        started = performance.now();
      }
      answer = await o.fetch(request, options);
    } catch (error) {
      // Whatever went wrong, the host's slot must come free: the throttle gave it with the request.
      o.answered(request, performance.now() - started, 0);
      throw error;
    }
    o.answered(request, answer.elapsedMs, answer.status);
    failpoint("fetch");
    const page = createPage({
      url: answer.url,
      requestUrl: request.url,
      status: answer.status,
      headers: answer.headers,
      body: answer.body,
      fetchedAt: o.now(),
      depth: request.depth,
      data: options?.data,
      decode,
    });
    return { page, answer };
  }

  async function parse(page: Page, request: QueuedRequest, dontFilter: boolean): Promise<Outcome> {
    const wall = detectWall(page.status, page.headers, page.body.length, () => page.text);
    if (wall !== undefined) throw new TransientError("blocked", `page is a wall, not content: ${wall}`);
    const harvest = request.callback.startsWith(SITEMAP_CALLBACK)
      ? await o.sitemap(page, request.callback.slice(SITEMAP_CALLBACK.length))
      : await harvester.page(spider.callbacks[request.callback]!, page);
    const outcome: Outcome = { kind: "parsed", request, harvest };
    if (page.url === request.url || dontFilter) return outcome;
    // Its own fingerprint is in the seen-set already: a fragment alone (or an escape written otherwise) is no redirect.
    const arrived = o.fingerprint(page.url);
    if (arrived.equals(o.fingerprint(request.url))) return outcome;
    if (harvest.emitted > 0) return { ...outcome, arrived };
    return { ...outcome, arrived, instead: await harvester.fallback(request.options) };
  }

  return async function visit(request) {
    const options = request.options === null ? undefined : (JSON.parse(request.options) as StoredOptions);
    let answered: { status: number; headers: Readonly<Record<string, string>> } | undefined;
    let error: unknown;
    try {
      const { page, answer } = await fetchPage(request, options);
      // A wall tells more than its status code does.
      const refused = answer.status >= 300 && !allowed.has(answer.status);
      if (!refused) return { outcome: await parse(page, request, options?.dontFilter === true) };
      const wall = detectWall(page.status, page.headers, page.body.length, () => page.text);
      if (wall === undefined) answered = answer;
      else {
        const wait = retryAfterMs(answer.headers["retry-after"], o.now()); // a wall, too, may say for how long
        error = new TransientError("blocked", `HTTP ${answer.status}, a wall: ${wall}`, { retryAfterMs: wait });
      }
    } catch (thrown) {
      // Neither is this page's doing: the run ends, and the request is there again next time.
      if (thrown instanceof CriticalError || thrown instanceof SettingsError) throw thrown;
      error = thrown;
    }

    const decision = decideRetry(settings, answered ?? { error }, request.retries + 1, o.now());
    const detail = answered === undefined ? describeError(error) : `HTTP ${answered.status}`;
    const asked = answered?.headers["retry-after"] ?? (error instanceof TransientError ? error.retryAfterMs : undefined);
    if (decision.retry && asked !== undefined) o.hold(request, o.now().getTime() + decision.afterMs);
    if (decision.retry) return { retryAt: o.now().getTime() + decision.afterMs, reason: decision.reason, detail };
    if (error instanceof TransientError && error.code === "stopped") throw error;
    const ours = answered !== undefined || error instanceof ArachneError;
    // A gone page is the site's business; a callback that throws is the spider's, and worth a look at the stack.
    const reason = ours ? decision.reason : "spider_error";
    const given = ours || !(error instanceof Error) ? detail : `${detail} ${firstFrame(error)}`;
    return { outcome: { kind: "failed", request, reason, detail: given, harvest: await harvester.fallback(request.options) } };
  };

  function firstFrame(error: Error): string {
    const frame = error.stack?.split("\n").find((line) => line.includes("at ") && !line.includes("node_modules"));
    return frame === undefined ? "" : `(${frame.trim()})`;
  }
}

export function callbackMissing(name: string, known: readonly string[]): RejectedError {
  return new RejectedError(
    "spider_error",
    `spider: follow names the callback ${JSON.stringify(name)}, which it does not have: known are ${known.join(", ")}`,
  );
}
