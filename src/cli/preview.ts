import { inspect, types } from "node:util";
import type { Selection } from "../core/page.ts";
import { describeThrown } from "./shell-script.ts";
import { clip } from "./terminal-text.ts";
import { count } from "./terminal.ts";

const SHOWN = 10;
const COLUMNS = 79;

/** A value as the shell shows it: selections element by element, everything else as Node does. */
export function preview(value: unknown, colors: boolean): string {
  // One line: what is thrown here is a mistyped selector or a page's fault; a stack would show our insides only.
  if (types.isNativeError(value)) return describeThrown(value);
  return isSelection(value) ? previewSelection(value) : inspect(value, { colors, depth: 6, maxArrayLength: 30, maxStringLength: 2_000 });
}

/** The same for other programs: text as it stands, other data as JSON. Undefined prints nothing. */
export function plain(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return `${value}\n`;
  if (isSelection(value)) return `${previewSelection(value)}\n`;
  const data = value === null || Array.isArray(value) || (typeof value === "object" && value.constructor?.name === "Object");
  return `${data ? JSON.stringify(value, undefined, 2) : preview(value, false)}\n`;
}

function isSelection(value: unknown): value is Selection {
  return typeof value === "object" && value !== null && "css" in value && "texts" in value && "ownText" in value;
}

function previewSelection(selection: Selection): string {
  const head = `${count(selection.length)} element${selection.length === 1 ? "" : "s"}`;
  const lines = Array.from(selection)
    .slice(0, SHOWN)
    .map((element, i) => clip(`${String(i).padStart(3)}  ${openingTag(element)}  ${element.text() ?? ""}`, COLUMNS));
  const rest = selection.length - SHOWN;
  return [head, ...lines, ...(rest > 0 ? [`     … ${count(rest)} more`] : [])].join("\n");
}

function openingTag(element: Selection): string {
  return clip(/^<[^>]*>/.exec(element.html() ?? "")?.[0] ?? "", 44);
}
