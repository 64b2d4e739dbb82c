import { collectRows, type Engine } from "./engine.ts";
import type { ItemType } from "./item.ts";
import type { GroupProfile, Profile } from "./quality.ts";
import { columnsOf, flatten, type Column } from "./schema/columns.ts";
import { identifier, reference, type Sql } from "./schema/sql-text.ts";

/** Bins to a power of ten: neighbours differ by an eighth. */
const PER_DECADE = 20;

/**
 * The profile of a view's rows, which should be staged: it is read twice, no more than the columns that are needed.
 * Numbers fall into bins of equal ratio, those from 1 on from `1000` up, 0 into `0`, negative ones mirrored; enums and booleans are
 * their own bins. The edges follow from nothing but the values, so profiles of different runs and engines can be compared.
 */
export async function profileOf(engine: Pick<Engine, "query">, view: string, item: ItemType, by: string | undefined): Promise<Profile> {
  const fields = flatten(columnsOf(item));
  const group = by === undefined ? "'all'" : `COALESCE(CAST(${identifier(by)} AS STRING), '(none)')`;
  const from = `FROM ${identifier(view)}`;

  const filled = fields.map(({ path, column }, i) => `COUNT(${present(reference(...path), column)}) AS f${i}`);
  const counts = await collectRows<Record<string, number | string>>(
    engine,
    `SELECT ${group} AS g, COUNT(*) AS n, ${filled.join(", ")} ${from} GROUP BY ${group} ORDER BY g`,
  );
  const groups = new Map<string, { rows: number; filled: Record<string, number>; bins: Record<string, Record<string, number>> }>();
  for (const row of counts)
    groups.set(String(row["g"]), {
      rows: Number(row["n"]),
      filled: Object.fromEntries(fields.map(({ path }, i) => [path.join("."), Number(row[`f${i}`])])),
      bins: {},
    });

  const binned = fields.flatMap(({ path, column }) => {
    const sql = path.length === 1 ? binSql(identifier(column.name), column) : undefined;
    return sql === undefined ? [] : [{ field: column.name, sql }];
  });
  if (binned.length > 0) {
    const bins = binned.map(({ sql }, i) => `COALESCE(${sql}, '') AS b${i}`).join(", ");
    const sets = binned.map((_, i) => `(g, b${i})`).join(", ");
    const names = binned.map((_, i) => `b${i}`).join(", ");
    const rows = await collectRows<Record<string, number | string | null>>(
      engine,
      `SELECT g, ${names}, COUNT(*) AS n FROM (SELECT ${group} AS g, ${bins} ${from}) AS t GROUP BY GROUPING SETS (${sets})`,
    );
    for (const row of rows)
      binned.forEach(({ field }, i) => {
        const bin = row[`b${i}`];
        // NULL: another grouping set's row; '': the field is not filled.
        if (typeof bin === "string" && bin !== "") (groups.get(String(row["g"]))!.bins[field] ??= {})[bin] = Number(row["n"]);
      });
  }
  return { by: by ?? null, groups: Object.fromEntries(groups) satisfies Record<string, GroupProfile> };
}

function present(value: Sql, { kind }: Column): Sql {
  return kind === "text" || kind === "json" ? `NULLIF(${value}, '')` : value;
}

function binSql(value: Sql, column: Column): Sql | undefined {
  switch (column.kind) {
    case "boolean":
      return `CAST(${value} AS STRING)`;
    case "text":
      return column.values === undefined ? undefined : value;
    case "integer":
    case "decimal":
    case "double": {
      // log10 gives whole numbers for powers of ten in both engines, and those are the only edges that a value can lie on.
      const log = (sign: string) => `1000 + FLOOR(${PER_DECADE} * LOG10(${sign}CAST(${value} AS DOUBLE)))`;
      return `CAST(CAST(CASE WHEN ${value} > 0 THEN ${log("")} WHEN ${value} < 0 THEN -(${log("-")}) WHEN ${value} = 0 THEN 0 END AS BIGINT) AS STRING)`;
    }
    default:
      return undefined;
  }
}
