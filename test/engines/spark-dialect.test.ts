import { expect, test } from "vitest";
import { sparkQuotes } from "../../src/engines/spark/dialect.ts";

test("what standard SQL has between quotes means the same to Spark", () => {
  expect(sparkQuotes(`SELECT 'it''s' AS "a ""b"" \`c", 'a\\n' -- it's "so"`)).toBe(
    "SELECT 'it\\'s' AS `a \"b\" ``c`, 'a\\\\n' -- it's \"so\"",
  );
});

test("comments and quotes within quotes are left alone", () => {
  expect(sparkQuotes(`/* don't */ SELECT '"x" -- no comment' /*+ REPARTITION(1) */, "it's", ''`)).toBe(
    "/* don't */ SELECT '\"x\" -- no comment' /*+ REPARTITION(1) */, `it's`, ''",
  );
});
