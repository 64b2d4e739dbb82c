import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { beginVersion, listVersions, showVersion } from "../../src/storage/versions.ts";

function place(): { path: string; make: (n: number, keep?: number) => void } {
  const dir = mkdtempSync(join(tmpdir(), "arachne-versions-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, "out");
  return {
    path,
    make(n, keep = 3) {
      const version = beginVersion(path, new Date(n));
      writeFileSync(join(version.dir, "n"), String(n));
      version.publish();
      version.prune(keep);
    },
  };
}

const shown = (path: string): string => readFileSync(join(path, "n"), "utf8");
const versions = (path: string): string[] => readdirSync(`${path}.versions`);

test("a version is seen when it is published, as a whole, and the former ones are kept", () => {
  const { path, make } = place();
  make(1);
  const next = beginVersion(path, new Date(2));
  writeFileSync(join(next.dir, "n"), "2");
  expect(shown(path)).toBe("1");
  next.publish();
  next.prune(3);
  expect(shown(path)).toBe("2");
  for (const n of [3, 4, 5]) make(n);
  expect(shown(path)).toBe("5");
  expect(versions(path)).toHaveLength(3);
});

test("names go on even where the clock went back, and the newest is never the one removed", () => {
  const { path, make } = place();
  for (const n of [5000, 1, 2]) make(n, 1);
  expect(shown(path)).toBe("2");
  expect(versions(path)).toHaveLength(1);
});

test("what a crash left unfinished is removed by the next run", () => {
  const { path, make } = place();
  make(1);
  beginVersion(path, new Date(2)); // and the process dies
  expect(versions(path)).toHaveLength(3);
  make(3);
  expect(versions(path)).toHaveLength(2);
});

test("a discarded version leaves no trace", () => {
  const { path, make } = place();
  make(1);
  beginVersion(path, new Date(2)).discard();
  expect(versions(path)).toHaveLength(1);
  expect(shown(path)).toBe("1");
});

test("a version that is withdrawn after it was published gives way to the one before, or to none", () => {
  const { path, make } = place();
  const first = beginVersion(path, new Date(1));
  first.publish();
  first.withdraw();
  expect(existsSync(path)).toBe(false);
  make(2);
  const next = beginVersion(path, new Date(3));
  next.publish();
  next.withdraw();
  expect(shown(path)).toBe("2");
  expect(versions(path)).toHaveLength(1);
});

test("a version that someone went back from goes with the next run: it is none to go back to", () => {
  const { path, make } = place();
  for (const n of [1, 2, 3]) make(n);
  const { current, names } = listVersions(path)!;
  expect(names.indexOf(current)).toBe(2);
  showVersion(path, names[1]!);
  expect(shown(path)).toBe("2");
  expect(listVersions(path)).toEqual({ current: names[1], names });
  make(4);
  expect(shown(path)).toBe("4");
  expect(versions(path).map((name) => readFileSync(join(`${path}.versions`, name, "n"), "utf8"))).toEqual(["1", "2", "4"]);
});

test("a folder or a foreign link that owns the name is left alone, with what to do", () => {
  const { path } = place();
  mkdirSync(path);
  writeFileSync(join(path, "mine"), "");
  expect(() => beginVersion(path, new Date())).toThrow(/is a folder of its own.*move it away, or set OUTPUT_PATH/);
  expect(existsSync(join(path, "mine"))).toBe(true);
  rmSync(path, { recursive: true });
  symlinkSync("/tmp", path);
  expect(() => beginVersion(path, new Date())).toThrow(/not ours/);
});
