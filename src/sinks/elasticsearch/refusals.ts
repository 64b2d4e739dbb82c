import { appendFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { StoredDocument } from "../../core/engine.ts";
import { ArachneError } from "../../core/errors.ts";
import { cannotWrite } from "../../storage/atomic-file.ts";

export interface Refused {
  id: string;
  reason: string;
  /** Its JSON text. */
  document: string;
  /** See `Operation.of`. */
  of?: StoredDocument;
}

/** Documents that the store refuses for what they are: all kept as JSON lines, counted by reason. */
export interface Refusals {
  readonly count: number;
  keep(refused: readonly Refused[]): Promise<void>;
  /** @throws ArachneError `serving_refused` when there were any */
  check(total: number): void;
}

const REASONS_SHOWN = 3;
const REASONS_COUNTED = 100;

export function collectRefusals(alias: string, file: string): Refusals {
  const reasons = new Map<string, number>();
  let count = 0;
  return {
    get count() {
      return count;
    },
    async keep(refused) {
      if (refused.length === 0) return;
      count += refused.length;
      for (const { reason } of refused) {
        const kind = kindOf(reason);
        if (reasons.has(kind) || reasons.size < REASONS_COUNTED) reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
      }
      const lines = refused.map(
        ({ id, reason, document }) => `${JSON.stringify({ alias, id, reason }).slice(0, -1)},"document":${asJson(document)}}\n`,
      );
      try {
        await mkdir(dirname(file), { recursive: true });
        await appendFile(file, lines.join(""));
      } catch (cause) {
        throw cannotWrite(file, cause);
      }
    },
    check(total) {
      if (count === 0) return;
      const most = [...reasons].sort(([, a], [, b]) => b - a);
      const shown = most.slice(0, REASONS_SHOWN).map(([reason, n]) => `${n} x ${reason}`);
      const more = most.length > REASONS_SHOWN ? `, and ${most.length - REASONS_SHOWN} more reasons` : "";
      throw new ArachneError(
        "serving_refused",
        `serving: Elasticsearch refused ${count} of ${total} documents for ${alias} (${shown.join("; ")}${more}); the others were written: see ${file}, correct the item's schema or what makes them, then run the job again`,
      );
    },
  };
}

/** The reason without what differs from document to document. */
function kindOf(reason: string): string {
  return reason
    .replace(/^\[\d+:\d+\] /, "")
    .replace(/ in document with id '.*$/s, "")
    .slice(0, 200);
}

/** What is refused may be no JSON. */
function asJson(document: string): string {
  try {
    JSON.parse(document);
    return document;
  } catch {
    return JSON.stringify(document);
  }
}
