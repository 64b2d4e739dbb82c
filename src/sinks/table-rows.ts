import type { ResultRow } from "../core/engine.ts";
import { ArachneError, CriticalError } from "../core/errors.ts";
import type { ServedTable } from "../core/serving.ts";
import { columnsOf } from "../core/schema/columns.ts";

/**
 * A table's rows as they come, once they are known to have the item's columns, no more and no fewer: a column that a query forgot
 * would else be served as nothing but nulls.
 * @throws ArachneError `serving_columns`; CriticalError `serving_count` after the last row when there were more or fewer than expected
 */
export async function* tableRows({ alias, item, rows, expected }: ServedTable): AsyncGenerator<readonly ResultRow[]> {
  const columns = columnsOf(item).map((column) => column.name);
  let count = 0;
  for await (const chunk of rows) {
    if (chunk.length === 0) continue;
    if (count === 0) checkColumns(alias, item.name, columns, Object.keys(chunk[0]!));
    count += chunk.length;
    yield chunk;
  }
  if (count !== expected) throw wrongCount(alias, `got ${count} rows where ${expected} were expected`);
}

export function wrongCount(alias: string, what: string): CriticalError {
  return new CriticalError("serving_count", `serving: ${alias} ${what}: nothing was published; run the job again`);
}

function checkColumns(alias: string, item: string, columns: readonly string[], found: readonly string[]): void {
  const missing = columns.filter((name) => !found.includes(name));
  const more = found.filter((name) => !columns.includes(name));
  if (missing.length === 0 && more.length === 0) return;
  const parts = [missing.length > 0 ? `lack ${missing.join(", ")}` : "", more.length > 0 ? `have ${more.join(", ")} besides` : ""];
  throw new ArachneError(
    "serving_columns",
    `serving: the rows of ${alias} ${parts.filter((part) => part !== "").join(" and ")}: select the fields of the item ${item}`,
  );
}
