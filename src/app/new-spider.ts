import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CriticalError, SettingsError } from "../core/errors.ts";
import type { Project } from "./project.ts";

/**
 * Writes crawlers/NAME.ts: a spider that runs as it stands, with an item of its own. Never overwrites.
 * @returns the file's path
 * @throws SettingsError for a name or URL that will not do, or where the file exists
 */
export function newSpider(project: Project, name: string, url: string): string {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name))
    throw new SettingsError(
      "spider_name",
      `genspider: ${JSON.stringify(name)} is no name for a spider: use small letters, digits and single underscores, beginning with a letter, as in quotes_spider`,
    );
  const start = startUrl(url);
  const file = join(project.root, "crawlers", `${name}.ts`);
  if (existsSync(file)) throw new SettingsError("spider_exists", `genspider: ${file} exists: choose another name, or remove it first`);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, template(name, start), { flag: "wx" });
  } catch (cause) {
    throw new CriticalError("cannot_write", `genspider: cannot write ${file}: check that the folder is writable`, { cause });
  }
  return file;
}

function startUrl(text: string): URL {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!/^https?:\/\/[^/?#]+/i.test(url) || !URL.canParse(url))
    throw new SettingsError("bad_url", `genspider: ${JSON.stringify(text)} is not an http(s) URL`);
  return new URL(url);
}

function template(name: string, start: URL): string {
  const item = name.replace(/_spider$/, "");
  const type = item.replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase());
  return `import { z } from "zod";
import { defineItem, defineSpider } from "arachne";

/** What the page gives: text as found, undefined where nothing matched. */
interface Raw${type} {
  link: string;
  title: string | undefined;
  description: string | undefined;
}

/** What is stored: an item that does not fit is dropped, counted and set aside with the reason. */
const ${type} = defineItem.withRaw<Raw${type}>()({
  name: ${JSON.stringify(item)},
  schema: z.object({
    link: z.url(),
    title: z.string().min(1),
    description: z.string().optional(),
  }),
  key: ["link"],
});

export default defineSpider({
  description: ${JSON.stringify(`Pages of ${start.host}`)},
  item: ${type},
  startUrls: [${JSON.stringify(start.href)}],
  settings: {
    // Its own chain and folder: the project's pipelines may be made for other items.
    ITEM_PIPELINES: { export_to_batch_file: 500 },
    BATCH_OUTPUT_DIR: ${JSON.stringify(`data/${item}`)},
  },

  *parse(page) {
    yield {
      link: page.url,
      title: page.css("h1").text() ?? page.css("title").text(),
      description: page.css("meta[name=description]").attr("content"),
    };
    // Further pages: yield page.follow(url, "detail") for another callback, or as here for this one.
    yield* page.followAll("a[rel~=next], link[rel~=next]");
  },
});
`;
}
