import { RejectedError } from "../../core/errors.ts";
import { select } from "./query.ts";
import { attributeOf, textOf } from "./read.ts";
import type { Tree } from "./tree.ts";

type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** Every JSON-LD object of the page: arrays and `@graph` are spread out, broken scripts skipped. */
export function jsonLdOf(tree: Tree): JsonObject[] {
  return select(tree, "script[type]")
    .filter((script) => /^\s*application\/ld\+json\s*(;|$)/i.test(attributeOf(script, "type") ?? ""))
    .flatMap((script) => spread(parseLoosely(textOf(script))));
}

function spread(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(spread);
  if (!isObject(value)) return [];
  if (!("@graph" in value)) return [value];
  const members = spread(value["@graph"]);
  return "@type" in value ? [value, ...members] : members;
}

/** JSON as sites put it into scripts: wrapped in comments or CDATA, with a semicolon, with line breaks inside its strings. */
function parseLoosely(text: string): unknown {
  const json = text
    .replace(/^\s*(\/\/\s*|\/\*\s*)?(<!--|<!\[CDATA\[)(\s*\*\/)?/, "")
    .replace(/(\/\/\s*|\/\*\s*)?(-->|\]\]>)(\s*\*\/)?\s*$|;\s*$/, "");
  for (const attempt of [json, json.replace(/[\u0000-\u001f]+/g, " ")]) {
    try {
      return JSON.parse(attempt);
    } catch {
      // The next attempt, or nothing: search engines skip it too.
    }
  }
  return undefined;
}

/** The state that Next.js puts on its pages; undefined where there is none. @throws RejectedError when it is cut short. */
export function nextDataOf(tree: Tree, url: string): unknown {
  const script = select(tree, "script#__NEXT_DATA__")[0];
  return script === undefined ? undefined : parseJson(textOf(script), "__NEXT_DATA__", url);
}

/** @throws RejectedError when the text is not JSON. */
export function parseJson(text: string, what: string, url: string): unknown {
  try {
    return JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
  } catch (cause) {
    const start = JSON.stringify(text.trimStart().slice(0, 40));
    throw new RejectedError("not_json", `page: read ${what} of ${url} as JSON: it begins with ${start}: look at it with arachne fetch`, {
      cause,
    });
  }
}
