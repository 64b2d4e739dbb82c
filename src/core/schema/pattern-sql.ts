import { SettingsError } from "../errors.ts";

/** What JavaScript calls white space; RE2's and Java's `\s` know ASCII only, and a link with a NBSP in it must not pass in one of them. */
const SPACE = "\\t-\\r \\x{00A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}";

/**
 * A JavaScript regular expression as RE2 (DuckDB) and Java (Spark) read it with the same meaning.
 * @throws SettingsError `pattern_sql` for what RE2 does not have: look-around and back-references.
 */
export function patternForSql(pattern: string, field: string): string {
  const refuse = (what: string) =>
    new SettingsError(
      "pattern_sql",
      `field ${field}: its pattern uses ${what}, which SQL engines do not have: write /${pattern}/ without it`,
    );
  let out = "";
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === "\\") {
      const next = pattern[++i] ?? "";
      if (next === "u") {
        const code = /^(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{4}))/.exec(pattern.slice(i + 1));
        if (code === null) throw refuse("\\u without a code");
        out += `\\x{${code[1] ?? code[2]}}`;
        i += code[0].length;
      } else if (next === "s") out += inClass ? SPACE : `[${SPACE}]`;
      else if (next === "S") {
        if (inClass) throw refuse("\\S inside brackets");
        out += `[^${SPACE}]`;
      } else if (/[1-9k]/.test(next)) throw refuse("a back-reference");
      else out += next === "/" ? "/" : `\\${next}`;
    } else if (inClass) {
      inClass = c !== "]";
      out += c === "[" ? "\\[" : c;
    } else if (c === "[") {
      inClass = true;
      out += c;
    } else if (c === "(" && /^\(\?<?[=!]/.test(pattern.slice(i))) throw refuse("look-around");
    else if (c === "$") out += "\\z"; // Java's $ also matches before a last line feed
    else if (c === ".") out += "[^\\n\\r\\x{2028}\\x{2029}]";
    else out += c;
  }
  return out;
}
