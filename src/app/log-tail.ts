import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { logFiles } from "./log-files.ts";

const BLOCK = 64 * 1024;

/** The last lines of a log, over its rotated files, oldest first. `upTo`: of the newest file only what stands before. */
export function lastLines(path: string, count: number, upTo = Infinity): string[] {
  let lines: string[] = [];
  for (const file of logFiles(path)) {
    if (lines.length >= count) break;
    lines = [...lastLinesOf(file, count - lines.length, file === path ? upTo : Infinity), ...lines];
  }
  return lines;
}

/** From its end backwards, a block at a time: a log may be large. */
function lastLinesOf(file: string, count: number, upTo: number): string[] {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch {
    return []; // rotated away just now
  }
  try {
    const blocks: Buffer[] = [];
    let ends = 0;
    let at = Math.min(fstatSync(fd).size, upTo);
    // One end more than lines: the one before the first of them.
    while (at > 0 && ends <= count) {
      const size = Math.min(BLOCK, at);
      const block = Buffer.alloc(size);
      at -= size;
      const read = readSync(fd, block, 0, size, at);
      blocks.unshift(block.subarray(0, read));
      for (const byte of block.subarray(0, read)) if (byte === 10) ends++;
    }
    const lines = Buffer.concat(blocks).toString("utf8").split("\n");
    if (lines.at(-1) === "") lines.pop();
    return count === 0 ? [] : lines.slice(-count);
  } finally {
    closeSync(fd);
  }
}
