import { closeSync, fsyncSync, lstatSync, mkdirSync, openSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CriticalError, SettingsError } from "../core/errors.ts";
import { failpoint } from "./failpoint.ts";

export interface NewVersion {
  /** Where the version is built; hidden until it is published. */
  readonly dir: string;
  /** Scratch space on the same disk; gone after `publish` or `discard`. */
  readonly workDir: string;
  /** Makes it what `path` shows, in one step. */
  publish(): void;
  /** Takes it back after `publish`: `path` shows again what it showed before. */
  withdraw(): void;
  /** After `publish`: removes all but the newest `keep` versions, and those that someone went back from. */
  prune(keep: number): void;
  discard(): void;
}

const BUILDING = ".building-";
const WORK = ".work-";
const LINK = ".link-";

/**
 * A new version of a folder that is replaced as a whole: `path` is a symbolic link into `<path>.versions`, swapped by rename, so
 * that a reader sees the former version or the new one. What a crash left of earlier ones is removed; hold a lock on the path.
 * @throws SettingsError `output_path` when something other than our link stands there; CriticalError when the place cannot be written
 */
export function beginVersion(path: string, now: Date): NewVersion {
  refuseForeign(path);
  const home = `${path}.versions`;
  const name = versionName(home, now);
  const before = shownVersion(path);
  const dir = join(home, `${BUILDING}${name}`);
  const workDir = join(home, `${WORK}${name}`);
  try {
    mkdirSync(home, { recursive: true });
    for (const left of readdirSync(home)) if (isLeftover(left)) rmSync(join(home, left), { recursive: true, force: true });
    mkdirSync(dir);
    mkdirSync(workDir);
  } catch (cause) {
    throw new CriticalError("output_write", `output: cannot write ${home}: check free space and permissions, then run again`, { cause });
  }
  const discard = (): void => {
    rmSync(dir, { recursive: true, force: true });
    rmSync(workDir, { recursive: true, force: true });
  };
  return {
    dir,
    workDir,
    discard,
    publish() {
      rmSync(workDir, { recursive: true, force: true });
      syncTree(dir);
      failpoint("version_before_rename");
      renameSync(dir, join(home, name));
      syncPath(home);
      failpoint("version_before_link");
      showVersion(path, name);
      failpoint("version_after_link");
    },
    withdraw() {
      if (before === undefined) rmSync(path, { force: true });
      else showVersion(path, before);
      rmSync(join(home, name), { recursive: true, force: true });
    },
    prune(keep) {
      const wanted = versionNames(home).filter((n) => n === name || (before !== undefined && n <= before));
      const kept = new Set(wanted.slice(-keep));
      for (const old of versionNames(home)) if (!kept.has(old)) rmSync(join(home, old), { recursive: true, force: true });
    },
  };
}

export interface Versions {
  /** What `path` shows. */
  readonly current: string;
  /** All that are there, oldest first: times as 20261121T052041753Z. */
  readonly names: readonly string[];
}

/** The versions behind a path; undefined when it shows none. @throws SettingsError `output_path` as `beginVersion` */
export function listVersions(path: string): Versions | undefined {
  refuseForeign(path);
  const current = shownVersion(path);
  return current === undefined ? undefined : { current, names: versionNames(`${path}.versions`) };
}

/** Makes `path` show a version that is there, in one step; hold a lock on the path. */
export function showVersion(path: string, name: string): void {
  const home = `${path}.versions`;
  const link = join(home, `${LINK}${name}`);
  rmSync(link, { force: true });
  // Relative, so that the whole data folder can be moved.
  symlinkSync(join(basename(home), name), link);
  renameSync(link, path);
  syncPath(dirname(path));
}

function shownVersion(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false }) === undefined ? undefined : basename(readlinkSync(path));
}

function refuseForeign(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSymbolicLink())
    throw new SettingsError(
      "output_path",
      `output: ${path} is a ${stat.isDirectory() ? "folder" : "file"} of its own, and would have to be a link to the newest version: move it away, or set OUTPUT_PATH to another name`,
    );
  const target = readlinkSync(path);
  if (dirname(target) !== `${basename(path)}.versions`)
    throw new SettingsError(
      "output_path",
      `output: ${path} is a link to ${target}, which is not ours: remove it, or set OUTPUT_PATH to another name`,
    );
}

/** 20261121T052041753Z; behind the newest one's even where the clock went back: names sort by age. */
function versionName(home: string, now: Date): string {
  const newest = lstatSync(home, { throwIfNoEntry: false }) === undefined ? undefined : versionNames(home).at(-1);
  return compact(Math.max(now.getTime(), newest === undefined ? 0 : timeOf(newest) + 1));
}

function timeOf(name: string): number {
  return Date.parse(name.replace(/^(....)(..)(..T..)(..)(..)(...)Z$/, "$1-$2-$3:$4:$5.$6Z"));
}

function compact(time: number): string {
  return new Date(time).toISOString().replace(/[-:.]/g, "");
}

function versionNames(home: string): string[] {
  return readdirSync(home)
    .filter((name) => /^\d{8}T\d{9}Z$/.test(name))
    .sort();
}

function isLeftover(name: string): boolean {
  return [BUILDING, WORK, LINK].some((prefix) => name.startsWith(prefix));
}

function syncTree(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) syncTree(path);
    else syncPath(path);
  }
  syncPath(dir);
}

function syncPath(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
