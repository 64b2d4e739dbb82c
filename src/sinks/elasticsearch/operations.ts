import { createHash } from "node:crypto";
import type { ResultRow, StoredDocument } from "../../core/engine.ts";
import { ArachneError } from "../../core/errors.ts";
import { itemKey, type ItemType } from "../../core/item.ts";
import { columnsOf, type Column } from "../../core/schema/columns.ts";
import { jsonText } from "../json-text.ts";
import type { Operation } from "./bulk-send.ts";

type VersionType = "external_gte" | "external";

/** Elasticsearch's own limit. */
const LONGEST_ID = 512;

/** The key itself; a longer one's hash. */
export function documentId(key: string): string {
  // A UTF-16 unit takes three bytes at most, so most keys need no counting.
  if (key.length * 3 <= LONGEST_ID || Buffer.byteLength(key) <= LONGEST_ID) return key;
  return `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

/** Milliseconds since 1970, which is what an external version can be; what is older is all the same age. @throws ArachneError `serving_version` */
export function versionNumber(version: string): number {
  const time = Date.parse(version);
  if (Number.isNaN(time))
    throw new ArachneError("serving_version", `serving: the version ${version} is no time: give each document the time of its crawl`);
  return Math.max(time, 0);
}

/** The document's text goes out as it came in. `external` also leaves what is there of the same version. */
export function toOperation(of: StoredDocument, type: VersionType = "external_gte"): Operation & { of: StoredDocument } {
  const { key, version, document } = of;
  // Between tokens a line break is white space like any other; within texts JSON has none.
  const source = document.includes("\n") || document.includes("\r") ? document.replace(/[\r\n]+/g, " ") : document;
  const id = documentId(key);
  const number = versionNumber(version);
  return { id, version: number, action: versionedAction("index", id, number, type), source, of };
}

/** Writes rows of an item as documents; without a version each takes the place of whatever is there. */
export function rowWriter(item: ItemType, version?: number): (row: ResultRow) => Operation {
  const columns = columnsOf(item).map((column) => ({ name: column.name, start: `${JSON.stringify(column.name)}:`, column }));
  return (row) => {
    const id = documentId(itemKey(item, row));
    const source = `{${columns.map(({ name, start, column }) => start + valueText(row[name], column)).join(",")}}`;
    if (version !== undefined) return versioned(id, version, source);
    return { id, version: 0, action: `{"index":{"_id":${JSON.stringify(id)}}}`, source };
  };
}

/** What is there in the version that was seen; what was written since stays. */
export function deletion(id: string, version: number): Operation {
  return { id, version, action: versionedAction("delete", id, version), source: undefined };
}

function versioned(id: string, version: number, source: string, type?: VersionType): Operation {
  return { id, version, action: versionedAction("index", id, version, type), source };
}

function versionedAction(name: string, id: string, version: number, type: VersionType = "external_gte"): string {
  return `{"${name}":{"_id":${JSON.stringify(id)},"version":${version},"version_type":"${type}"}}`;
}

function valueText(value: unknown, { kind, fields }: Column): string {
  if (value === null || value === undefined) return "null";
  switch (kind) {
    case "json":
      return typeof value === "string" ? value : jsonText(value);
    // Decimals beyond a double's digits come as text.
    case "decimal":
      return typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value) ? value : jsonText(value);
    case "struct": {
      const struct = value as ResultRow;
      return `{${fields.map((field) => `${JSON.stringify(field.name)}:${valueText(struct[field.name], field)}`).join(",")}}`;
    }
    default:
      return typeof value === "bigint" ? String(value) : JSON.stringify(value);
  }
}
