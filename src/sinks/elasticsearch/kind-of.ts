import type { Kind } from "../kinds.ts";
import type { Found } from "./indices.ts";
import { originOf } from "./origin.ts";

/** By the name of its index, also of one that was copied to another; whose documents it holds only an index of documents says. */
export function kindOf(found: Found): Kind {
  const { index, meta } = found;
  if (originOf(found) !== undefined || index.startsWith(`${meta.alias}-documents-`)) return "documents";
  return index.startsWith(`${meta.alias}-slices-`) ? "slices" : "table";
}
