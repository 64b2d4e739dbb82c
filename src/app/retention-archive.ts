import { copyFileSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { basename, join } from "node:path";
import { cannotWrite, removeUnfinished, syncFolder, writeWhole } from "../storage/atomic-file.ts";
import { failpoint } from "../storage/failpoint.ts";
import { MANIFEST_DIR } from "../feeds/batch-file.ts";
import type { Logger } from "../core/context.ts";

export interface ArchiveRequest {
  /** Where batch files are written. */
  from: string;
  to: string;
  /** Files that the published output holds; only these are touched. Their names never repeat. */
  taken: readonly string[];
  /** Only files that were written before. */
  before: Date;
  log: Logger;
}

export interface Removal {
  files: number;
  bytes: number;
}

/**
 * Moves batch files with their manifests, the manifest first: whoever reads both folders finds each file, and never without what is known of
 * it. A crash in between leaves a file in one of them, or the same in both, which the next call mends.
 */
export async function archiveFiles({ from, to, taken, before, log }: ArchiveRequest): Promise<Removal> {
  const moved: Removal = { files: 0, bytes: 0 };
  if (!existsSync(from)) return moved;
  await removeUnfinished(to, "");
  await removeUnfinished(join(to, MANIFEST_DIR), "");
  for (const name of new Set(taken.map((file) => basename(file)))) {
    const file = join(from, name);
    const stat = statSync(file, { throwIfNoEntry: false });
    const manifest = join(from, MANIFEST_DIR, `${name}.json`);
    if (stat !== undefined && stat.mtime < before) {
      if (existsSync(manifest))
        await writeWhole(join(to, MANIFEST_DIR, `${name}.json`), readFileSync(manifest, "utf8"), { faults: "archive_manifest" });
      if (!(await moveFile(file, join(to, name), log))) continue;
      moved.files += 1;
      moved.bytes += stat.size;
      failpoint("archive_moved");
    }
    if (!existsSync(file) && existsSync(join(to, name))) rmSync(manifest, { force: true });
  }
  if (moved.files > 0) for (const folder of [to, from]) await syncFolder(folder);
  return moved;
}

/** @returns false when another file of that name is in the archive: both stay */
async function moveFile(file: string, target: string, log: Logger): Promise<boolean> {
  try {
    if (existsSync(target)) {
      // A crash while copying, or a batch that was delivered again after its file had been archived: the same bytes.
      if (!readFileSync(target).equals(readFileSync(file))) {
        log.warn(`${file} was not archived: ${target} is another file of that name`);
        return false;
      }
      rmSync(file);
    } else renameSync(file, target);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EXDEV") throw cannotWrite(target, cause);
    await copyAcross(file, target);
  }
  return true;
}

/** To another disk: a copy that appears whole, then the original goes. */
async function copyAcross(file: string, target: string): Promise<void> {
  const { atime, mtime } = statSync(file);
  await writeWhole(
    target,
    // oxlint-disable-next-line require-await -- a writer is asynchronous
    async (hidden) => {
      copyFileSync(file, hidden);
      utimesSync(hidden, atime, mtime);
    },
    { faults: "archive_copy" },
  );
  rmSync(file);
}

/** Removes archived files that were written before a time, and the published output holds, then their manifests. */
export function removeArchived({ to, taken, before }: Pick<ArchiveRequest, "to" | "taken" | "before">): Removal {
  const removed: Removal = { files: 0, bytes: 0 };
  const names = new Set(taken.map((file) => basename(file)));
  for (const name of existsSync(to) ? readdirSync(to) : []) {
    const { mtime, size } = statSync(join(to, name));
    if (!names.has(name) || mtime >= before) continue;
    rmSync(join(to, name));
    failpoint("archive_removed");
    removed.files += 1;
    removed.bytes += size;
  }
  const manifests = join(to, MANIFEST_DIR);
  for (const name of existsSync(manifests) ? readdirSync(manifests) : [])
    if (names.has(name.replace(/\.json$/, "")) && !existsSync(join(to, name.replace(/\.json$/, "")))) rmSync(join(manifests, name));
  return removed;
}
