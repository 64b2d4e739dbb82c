import { existsSync } from "node:fs";
import { ArachneError } from "../core/errors.ts";
import { WINDOW_START } from "../core/stream-dead.ts";
import { openDatabase } from "../storage/sqlite.ts";
import type { FoundLetter } from "./dead-letters-read.ts";
import { CHECKPOINT_MIGRATIONS, checkpointPath } from "./stream-checkpoint.ts";

/**
 * Puts windows' rows that a sink refused back among those that wait for the stream's sinks; where the window has made a newer one
 * since, that one stands. @throws ArachneError `no_checkpoint`
 */
export function remakeRows(rows: readonly FoundLetter[], stateDir: string): void {
  const streams = new Set(rows.map(({ letter }) => letter.stream));
  for (const stream of streams) {
    const path = checkpointPath(stateDir, stream);
    if (!existsSync(path))
      throw new ArachneError(
        "no_checkpoint",
        `deadletters: ${path}, which windows' rows of ${stream} are put back into, is not there: replay where the stream runs`,
      );
    const db = openDatabase(path, { migrations: CHECKPOINT_MIGRATIONS, synchronous: "FULL" });
    try {
      const put = db.prepare("INSERT OR IGNORE INTO made (start, key, at, json) VALUES (?, ?, ?, ?)");
      db.transaction(() => {
        for (const { letter, message } of rows)
          if (letter.stream === stream) put.run(Number(letter.headers[WINDOW_START]), message.key, letter.origin.time, message.value);
      });
    } finally {
      db.close();
    }
  }
}
