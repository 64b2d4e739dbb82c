import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkedSql, defineItem, defineJob } from "arachne";
import { jobPlace, thing, Thing, thingsJob } from "./job-place.ts";

const lines = (n: number): string => Array.from({ length: n }, (_, i) => `${JSON.stringify(thing(i))}\n`).join("");
const csv = (n: number): string =>
  `link,source,price_vnd,crawled_at\n${Array.from({ length: n }, (_, i) => `https://example.com/${i},example.com,5,2026-11-20T00:00:00.000Z\n`).join("")}`;

test.each<[string, string, string, RegExp]>([
  ["x.json", "nothing in it", "", /input\/x\.json is empty, which no whole file of its format is: put the whole file back, or move it/],
  ["x.csv", "nothing in it", "", /input\/x\.csv is empty/],
  ["x.parquet", "nothing in it", "", /input\/x\.parquet is empty/],
  [
    "x.json",
    "a byte order mark",
    `\ufeff[${JSON.stringify(thing(1))}]`,
    /x\.json begins with a byte order mark, which JSON does not have \(sed /,
  ],
  ["x.jsonl", "a byte order mark", `\ufeff${lines(1)}`, /input\/x\.jsonl begins with a byte order mark/],
  [
    "x.jsonl",
    "its last line cut",
    `${lines(2)}{"link"`,
    /x\.jsonl cannot be read \([^\n]*unexpected end of data\.\): put the whole file back/,
  ],
  [
    "x.csv",
    "too few cells",
    `${csv(3)}a,b\n`,
    /x\.csv cannot be read \([^\n]*Line: 5 Original Line: a,b Expected Number of Columns: 4 Found: 2\): put/,
  ],
  ["x.csv", "too many cells", `${csv(3)}a,b,c,d,e\n`, /Expected Number of Columns: 4 Found: 5\)/],
  [
    "x.csv",
    "a foreign header",
    "a;b\n1;2\n",
    /x\.csv cannot be read \(the first line of [^\n]*x\.csv names none of the fields link, source, price_vnd, …\)/,
  ],
  ["x.parquet", "no Parquet in it", "PAR1", /input\/x\.parquet cannot be read \([^\n]*too small to be a Parquet file\)/],
])("%s with %s is an error that names it, and nothing is published", async (name, _, text, message) => {
  const place = jobPlace();
  writeFileSync(join(place.input, name), text);
  const outcome = place.run(thingsJob(), { set: [`SOURCE_TYPE=${name.slice(2)}`] });
  await expect(outcome).rejects.toMatchObject({ code: "input_broken", message, exitCode: 1 });
});

test("rows of other shapes, headers among rows and marks are read or rejected by reason, and all of them counted", async () => {
  const place = jobPlace();
  writeFileSync(join(place.input, "a.csv"), `\ufeff${csv(2)}${csv(1).replace("com/0", "com/7")}`.replaceAll("\n", "\r\n"));
  writeFileSync(
    join(place.input, "b.csv"),
    "crawled_at;link;more\n2026-11-20T00:00:00.000Z;https://example.com/9;x\nsoon;https://example.com/8;\n",
  );
  const { result } = await place.run(thingsJob(), { set: ["SOURCE_TYPE=csv"] });
  expect(result).toMatchObject({ rowsIn: 6, rowsOut: 4, rejected: { "price_vnd: type": 1, "crawled_at: pattern": 1 } });
});

test("what an item freezes stops the job, naming the field and the file", async () => {
  const place = jobPlace();
  const Frozen = defineItem({ ...Thing, key: ["link"], contract: { unknownFields: "freeze" } });
  writeFileSync(join(place.input, "x.jsonl"), `${lines(2)}${JSON.stringify({ ...thing(3), colour: "red" })}\n`);
  const job = defineJob({
    async run(c) {
      await c.input("found", Frozen);
      await c.engine.stage("checked", checkedSql(Frozen, "found"));
      throw new Error("not reached");
    },
  });
  await expect(place.run(job, { set: ["SOURCE_TYPE=jsonl"] })).rejects.toMatchObject({
    code: "contract_frozen",
    message: /input\/x\.jsonl has what its items' schema freezes \(colour: additionalProperties\): adapt the schema/,
  });
});
