import { ArachneError, describeError, RejectedError, SettingsError, TransientError } from "../core/errors.ts";
import { Follow } from "../core/follow.ts";
import type { Page } from "../core/page.ts";
import type { Spider, SpiderContext } from "../core/spider.ts";
import { suggest } from "../core/suggest.ts";
import { detectWall } from "../crawl/http/blocked.ts";
import { jsonSchemaOf } from "./settings.ts";

export interface ParsedPage {
  /** As yielded; the fallbacks of follow-ups stand for the pages behind them, marked partial where the schema has that field. */
  items: object[];
  /** How many follow-ups go to each callback. */
  follows: Record<string, number>;
}

/**
 * Runs a spider's callback on one page, outside a crawl.
 * @throws TransientError `blocked` for a wall; RejectedError `unknown_page` where nothing came of the page, `spider_error`
 * where the callback threw; and what callbacks throw by `blocked()` and `notFound()`
 */
export async function parsePage(spider: Spider, page: Page, callback: string, c: SpiderContext): Promise<ParsedPage> {
  const run = spider.callbacks[callback];
  const known = Object.keys(spider.callbacks);
  if (run === undefined)
    throw new SettingsError(
      "unknown_callback",
      `parse: the spider has no callback ${JSON.stringify(callback)}. ${suggest(callback, known) ?? `Known: ${known.join(", ")}`}`,
    );
  refuseWall(page, page.status);
  const marksPartial = "partial" in ((jsonSchemaOf(spider.item.schema)["properties"] as object | undefined) ?? {});
  const parsed: ParsedPage = { items: [], follows: {} };
  const take = (yielded: object): void => {
    if (!(yielded instanceof Follow)) return void parsed.items.push(yielded);
    const { fallback } = yielded.options;
    if (fallback !== undefined) parsed.items.push(marksPartial ? { ...fallback, partial: true } : fallback);
    if (yielded.url !== undefined) parsed.follows[yielded.callback] = (parsed.follows[yielded.callback] ?? 0) + 1;
  };
  try {
    const yields = run(page, c);
    if (Symbol.asyncIterator in yields) for await (const y of yields) take(y);
    else for (const y of yields) take(y);
  } catch (error) {
    if (error instanceof ArachneError) throw error;
    throw new RejectedError("spider_error", `parse: ${callback} threw on ${page.url}: ${describeError(error)}${firstFrame(error)}`, {
      cause: error,
    });
  }
  if (parsed.items.length === 0 && Object.keys(parsed.follows).length === 0) {
    // A saved wall has lost its status, which would have made it suspect whatever its size.
    refuseWall(page, 403);
    throw new RejectedError(
      "unknown_page",
      `parse: ${page.url}: ${callback} found neither items nor links: is it a page of this spider's site?`,
    );
  }
  return parsed;
}

function refuseWall(page: Page, status: number): void {
  const wall = detectWall(status, page.headers, page.body.length, () => page.text);
  if (wall !== undefined) throw new TransientError("blocked", `parse: ${page.url} is a wall, not content: ${wall}`);
}

/** Where in the user's file it happened. */
function firstFrame(error: unknown): string {
  const frame =
    error instanceof Error ? error.stack?.split("\n").find((line) => /^\s+at /.test(line) && !line.includes("node_modules")) : undefined;
  return frame === undefined ? "" : ` (${frame.trim()})`;
}
