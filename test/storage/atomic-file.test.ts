import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { CriticalError } from "arachne";
import { removeUnfinished, writeWhole } from "../../src/storage/atomic-file.ts";
import { tempDir } from "../feeds/batches.ts";

/** Runs `writeWhole` in a process of its own, which the failpoint kills. */
function writeAndDie(path: string, failpoint: string) {
  const module = new URL("../../src/storage/atomic-file.ts", import.meta.url).href;
  const code = `const { writeWhole } = await import(${JSON.stringify(module)}); await writeWhole(${JSON.stringify(path)}, "new");`;
  return spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code], {
    env: { ...process.env, ARACHNE_FAILPOINT: failpoint },
    encoding: "utf8",
  });
}

describe("a file that appears whole", () => {
  it("has its content, in folders made for it, and leaves nothing beside it", async () => {
    const dir = join(tempDir(), "a", "b");
    await writeWhole(join(dir, "x.json"), "[1]\n");
    await writeWhole(join(dir, "y.bin"), new Uint8Array([1, 2]));
    await writeWhole(
      join(dir, "z.txt"),
      (async function* () {
        yield "one ";
        yield "two";
      })(),
    );
    expect(readdirSync(dir).sort()).toEqual(["x.json", "y.bin", "z.txt"]);
    expect(readFileSync(join(dir, "x.json"), "utf8")).toBe("[1]\n");
    expect(readFileSync(join(dir, "z.txt"), "utf8")).toBe("one two");
  });

  it("replaces the one that stood there only when all is written", async () => {
    const dir = tempDir();
    const path = join(dir, "x.json");
    writeFileSync(path, "old");
    await writeWhole(path, async (hidden) => {
      writeFileSync(hidden, "new");
      expect(readFileSync(path, "utf8")).toBe("old");
    });
    expect(readFileSync(path, "utf8")).toBe("new");
  });

  it("is not there at all when writing it fails, and the writer's own error comes through", async () => {
    const dir = tempDir();
    const broken = writeWhole(join(dir, "x.json"), (hidden) => {
      writeFileSync(hidden, "half");
      throw new RangeError("no more");
    });
    await expect(broken).rejects.toThrow(RangeError);
    expect(readdirSync(dir)).toEqual([]);
  });

  it.each([
    ["file_before_fsync", "old"],
    ["file_after_fsync", "old"],
    ["file_after_rename", "new"],
  ])("survives a kill at %s: readers see the %s one", (point, seen) => {
    const dir = tempDir();
    const path = join(dir, "x.json");
    writeFileSync(path, "old");
    expect(writeAndDie(path, `${point}:1`).signal).toBe("SIGKILL");
    expect(readFileSync(path, "utf8")).toBe(seen);
    expect(readdirSync(dir).filter((name) => !name.startsWith("."))).toEqual(["x.json"]);
  });

  it("says what to do when a path's part is a file, or a folder stands there", async () => {
    const dir = tempDir();
    writeFileSync(join(dir, "file"), "");
    mkdirSync(join(dir, "folder"));
    await expect(writeWhole(join(dir, "file", "x.json"), "")).rejects.toThrow(/cannot write .*x\.json: a part of its path is a file/);
    await expect(writeWhole(join(dir, "folder"), "")).rejects.toThrow(/a folder of that name stands there/);
    expect(readdirSync(dir).sort()).toEqual(["file", "folder"]);
  });

  it("says that permission is missing", async () => {
    const dir = tempDir();
    chmodSync(dir, 0o500);
    const user = process.geteuid!();
    if (user === 0) {
      process.seteuid!(65534); // root may write anywhere
      onTestFinished(() => process.seteuid!(0));
    }
    await expect(writeWhole(join(dir, "x.json"), "")).rejects.toThrow(/permission is denied/);
  });

  it("stops the run, for a disk that is full is no one item's fault", async () => {
    const error = await writeWhole("/dev/full/x", "").catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CriticalError);
    expect(error).toMatchObject({ code: "file_write" });
  });
});

it("removes what crashes left behind of one prefix only", async () => {
  const dir = tempDir();
  for (const name of [".bds_1.json.unfinished", ".mogi_1.json.unfinished", "bds_1.json", ".bds_notes"]) writeFileSync(join(dir, name), "");
  await removeUnfinished(dir, "bds_");
  await removeUnfinished(join(dir, "absent"), "bds_");
  expect(readdirSync(dir).sort()).toEqual([".bds_notes", ".mogi_1.json.unfinished", "bds_1.json"]);
});
