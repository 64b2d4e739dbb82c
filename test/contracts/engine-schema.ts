import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { collectRows, type Engine } from "../../src/core/engine.ts";
import { defineItem, type SchemaContract } from "../../src/core/item.ts";
import { columnsOf } from "../../src/core/schema/columns.ts";
import { contractOf, countDiscarded } from "../../src/core/schema/contract.ts";
import { checkedSql } from "../../src/core/schema/rules-sql.ts";

/** What an item's contract says of rows that break it, in every engine. */
export function engineSchemaContract(opened: () => Promise<{ engine: Engine; dir: string }>): void {
  const contracts: [SchemaContract, rows: object[]][] = [
    [
      { unknownFields: "evolve" },
      [
        { id: "1", big: 1, kind: "a", extra: null, reject_reason: null },
        { id: "2", big: 2, kind: null, extra: '{"new":"n"}', reject_reason: null },
        { id: "3", big: null, kind: "b", extra: null, reject_reason: "big: type" },
      ],
    ],
    [
      { unknownFields: "discard_row", brokenValues: "discard_value" },
      [
        { id: "1", big: 1, kind: "a", discarded: null, extra: null, reject_reason: null },
        { id: "2", big: 2, kind: null, discarded: null, extra: '{"new":"n"}', reject_reason: "new: additionalProperties" },
        { id: "3", big: null, kind: null, discarded: "big: type; kind: enum", extra: null, reject_reason: null },
      ],
    ],
    [
      { unknownFields: "discard_value" },
      [
        { id: "1", big: 1, kind: "a", discarded: null, reject_reason: null },
        { id: "2", big: 2, kind: null, discarded: "new: additionalProperties", reject_reason: null },
        { id: "3", big: null, kind: "b", discarded: null, reject_reason: "big: type" },
      ],
    ],
  ];
  const Contracted = (contract: SchemaContract) =>
    defineItem({
      name: "contracted",
      key: ["id"],
      schema: z.object({ id: z.string(), big: z.int().nullable(), kind: z.enum(["a"]).nullable() }),
      contract,
    });

  async function contracted(engine: Engine, dir: string, contract: SchemaContract): Promise<Record<string, unknown>[]> {
    const type = Contracted(contract);
    const path = join(dir, "rows.jsonl");
    writeFileSync(path, `{"id":"1","big":1,"kind":"a"}\n{"id":"2","big":2,"new":"n"}\n{"id":"3","big":"many","kind":"b"}\n`);
    const extra = contractOf(type).unknownFields !== undefined;
    await engine.source("rows_found", { format: "jsonl", files: [path], columns: columnsOf(type), extra });
    await engine.stage("checked", checkedSql(type, "rows_found"));
    return collectRows<Record<string, unknown>>(engine, "SELECT * FROM checked ORDER BY id");
  }

  for (const [contract, expected] of contracts)
    test(`keeps the contract ${JSON.stringify(contract)}, and counts what it drops`, async () => {
      const { engine, dir } = await opened();
      const rows = await contracted(engine, dir, contract);
      expect(rows).toEqual(expected);
      const dropped = expected.flatMap((row) => ("discarded" in row && typeof row.discarded === "string" ? row.discarded.split("; ") : []));
      expect(await countDiscarded(engine, Contracted(contract), "checked")).toEqual(
        Object.fromEntries(dropped.map((reason) => [reason, 1])),
      );
    });

  for (const [contract, reason] of [
    [{ unknownFields: "freeze" }, "new: additionalProperties"],
    [{ brokenValues: "freeze" }, "big: type"],
  ] as const)
    test(`stops at what ${JSON.stringify(contract)} freezes, naming it and the file`, async () => {
      const { engine, dir } = await opened();
      await expect(contracted(engine, dir, contract)).rejects.toMatchObject({
        code: "query_failed",
        message: expect.stringContaining(`arachne contract_frozen: ${reason} in ${join(dir, "rows.jsonl")}`) as string,
      });
    });
}
