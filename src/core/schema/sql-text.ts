/**
 * SQL that DuckDB and Spark read alike. Identifiers stand in double quotes (Spark: spark.sql.ansi.doubleQuotedIdentifiers);
 * no literal holds a backslash, which Spark reads as an escape and DuckDB does not.
 */
export type Sql = string;

export function identifier(name: string): Sql {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A column or a struct's field: `raw.price`. */
export function reference(...path: readonly string[]): Sql {
  return path.map(identifier).join(".");
}

export function textLiteral(text: string): Sql {
  const quote = (part: string) => `'${part.replaceAll("'", "''")}'`;
  const parts = text.split("\\");
  return parts.length === 1 ? quote(text) : `concat(${parts.map(quote).join(", chr(92), ")})`;
}

/** A value of an enum: JSON's scalars. */
export function literal(value: unknown): Sql {
  return typeof value === "string" ? textLiteral(value) : JSON.stringify(value);
}
