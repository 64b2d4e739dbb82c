import { SettingsError } from "../core/errors.ts";

/** What stands under a name. */
export type Kind = "table" | "documents" | "slices";

const WORDS: Record<Kind, string> = { table: "a table", documents: "documents", slices: "a table of slices" };

/** @throws SettingsError `other_kind`: written as the one, the other would be lost */
export function requireKind(alias: string, place: string, held: Kind, wanted: Kind): void {
  if (held === wanted) return;
  throw new SettingsError(
    "other_kind",
    `serving: ${alias} at ${place} holds ${WORDS[held]} and would have to hold ${WORDS[wanted]}: give one of the two another name`,
  );
}
