import type { Sql } from "../../core/schema/sql-text.ts";

/**
 * Standard quoting as Spark reads it: until 4.1 'it''s' means its there, a backslash escapes, and "a""b" is no name. What stands between
 * quotes keeps its meaning; all else is left as it is.
 */
export function sparkQuotes(sql: Sql): Sql {
  return sql.replace(/'(?:[^']|'')*'|"((?:[^"]|"")*)"|--[^\n]*|\/\*[^]*?\*\//g, (token, name: string | undefined) => {
    if (name !== undefined) return `\`${name.replaceAll('""', '"').replaceAll("`", "``")}\``;
    if (!token.startsWith("'")) return token; // a comment
    return `'${token.slice(1, -1).replaceAll("\\", "\\\\").replaceAll("''", "\\'")}'`;
  });
}
