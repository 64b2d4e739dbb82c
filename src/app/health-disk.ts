import { existsSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { bytes } from "./health-words.ts";
import type { Check } from "./health.ts";

/** A row for each disk that the project writes to. */
export const diskCheck: Check = {
  names: ["disk"],
  unknown: "warn",
  async run({ project, settings: s }) {
    const places = [s.STATE_DIR, s.TOPIC_DIR, s.BATCH_OUTPUT_DIR, s.OUTPUT_PATH, dirname(s.SERVING_PATH), s.LOG_DIR].map(existing);
    const disks = new Map<number, string>();
    for (const place of places) {
      const device = statSync(place).dev;
      if (!disks.has(device)) disks.set(device, place);
    }
    return Promise.all(
      [...disks.values()].map(async (place) => {
        const { bavail, blocks, bsize } = await statfs(place);
        const free = bavail * bsize;
        const low = free < s.HEALTH_MIN_FREE_BYTES;
        const shown = relative(project.root, place) || ".";
        return {
          check: disks.size === 1 ? "disk" : `disk.${shown}`,
          state: low ? ("warn" as const) : ("ok" as const),
          version: null,
          found: `${bytes(free)} of ${bytes(blocks * bsize)} free at ${shown}`,
          todo: low ? "less than HEALTH_MIN_FREE_BYTES: free some space" : null,
        };
      }),
    );
  },
};

/** The folder, or the nearest above it: none is made. */
function existing(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path));
}
