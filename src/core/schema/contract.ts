import { collectRows, type Engine } from "../engine.ts";
import { SettingsError } from "../errors.ts";
import type { ItemType, SchemaContract } from "../item.ts";
import { shapeOf } from "./fields.ts";
import { identifier, type Sql } from "./sql-text.ts";

/** The column that holds a row's unknown fields as the text of a JSON object; see `SourceFiles.extra`. */
export const EXTRA = "extra";
/** The column that `checkedSql` adds under `discard_value`: reasons of what was dropped from the row, joined by `; `. */
export const DISCARDED = "discarded";
/** What a frozen contract's error begins with, whatever the engine puts around it. */
export const FROZEN = "arachne contract_frozen:";

export interface Contract {
  /** undefined: unknown fields are not even looked for. */
  readonly unknownFields: SchemaContract["unknownFields"];
  readonly brokenValues: NonNullable<SchemaContract["brokenValues"]>;
}

/** An item's contract with its defaults: a strict schema (`z.strictObject`) rejects rows with unknown fields. @throws SettingsError `item_schema` */
export function contractOf(type: ItemType): Contract {
  const { fields, rest } = shapeOf(type);
  const { unknownFields = rest === "none" ? "discard_row" : undefined, brokenValues = "discard_row" } = type.contract ?? {};
  const taken = [...(unknownFields === undefined ? [] : [EXTRA]), DISCARDED].find((name) => fields.some((f) => f.name === name));
  if (taken !== undefined && type.contract !== undefined)
    throw new SettingsError(
      "item_schema",
      `item ${type.name}: its contract needs the column ${taken} for itself: name that field otherwise`,
    );
  return { unknownFields, brokenValues };
}

/** Whether checked rows have the column `discarded`. */
export function discards({ unknownFields, brokenValues }: Contract): boolean {
  return unknownFields === "discard_value" || brokenValues === "discard_value";
}

/** How many values the contract dropped from rows that it kept, by reason; `view` is a stage of `checkedSql`. */
export async function countDiscarded(engine: Pick<Engine, "query">, type: ItemType, view: Sql): Promise<Record<string, number>> {
  if (!discards(contractOf(type))) return {};
  const rows = await collectRows<{ reasons: string; n: number }>(
    engine,
    `SELECT ${DISCARDED} AS reasons, COUNT(*) AS n FROM ${identifier(view)} WHERE reject_reason IS NULL AND ${DISCARDED} IS NOT NULL GROUP BY ${DISCARDED}`,
  );
  const counts = new Map<string, number>();
  for (const { reasons, n } of rows) for (const reason of reasons.split("; ")) counts.set(reason, (counts.get(reason) ?? 0) + n);
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}
