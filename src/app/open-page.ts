import { existsSync } from "node:fs";
import { SettingsError } from "../core/errors.ts";
import type { Page } from "../core/page.ts";
import { fetchPage, refuseFailed, type FetchPageOptions } from "./fetch-page.ts";
import { readPageFile } from "./page-file.ts";

export interface OpenPageOptions extends FetchPageOptions {
  /** Where a saved page is from. */
  url?: string | undefined;
}

/** A page by URL or from a file, whichever `target` names. @throws as `fetchPage` and `readPageFile`, and for a status that a crawl would count as failed */
export async function openPage(target: string, o: OpenPageOptions): Promise<Page> {
  if (!isUrl(target)) {
    if (!existsSync(target)) throw new SettingsError("no_page", `page: ${JSON.stringify(target)} is neither an http(s) URL nor a file`);
    return readPageFile(target, { url: o.url, now: o.now });
  }
  if (o.url !== undefined) throw new SettingsError("url_for_file", "page: --url is for saved pages; a page that is downloaded has its URL");
  const fetched = await fetchPage(target, o);
  refuseFailed(fetched, o.settings);
  return fetched.page;
}

/** A file called demo is `./demo`. */
function isUrl(target: string): boolean {
  return /^(https?:\/\/|demo(:|$))/i.test(target);
}
