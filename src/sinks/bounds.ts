import { ArachneError } from "../core/errors.ts";

/** How far a table may move from run to run, and what is kept of it. */
export interface ServingBounds {
  /** SERVING_MAX_CHANGE */
  maxChange: number;
  /** QUALITY_MIN_ROWS: of smaller tables it is only asked that they do not become empty. */
  minRows: number;
  /** SERVING_VERSIONS: former versions kept to go back to. */
  versions: number;
}

export interface TableChange {
  readonly alias: string;
  /** Rows that readers see now; undefined: nothing yet. */
  readonly from: number | undefined;
  readonly to: number;
  /** See `ServedTable.grows`. */
  readonly grows: boolean;
}

/** @throws ArachneError `serving_change` naming each table that changed by more than the bound */
export function refuseChange(tables: readonly TableChange[], { maxChange, minRows }: ServingBounds): void {
  const tooMuch = tables.filter(({ from, to, grows }) => {
    if (from === undefined || from === 0) return false;
    if (to > 0 && Math.max(from, to) < minRows) return false;
    return (grows ? from - to : Math.abs(to - from)) > maxChange * from;
  });
  if (tooMuch.length === 0) return;
  const changes = tooMuch.map(({ alias, from, to }) => `${alias} from ${from} to ${to} rows`).join(", ");
  throw new ArachneError(
    "serving_change",
    `serving: publish ${changes}: more than SERVING_MAX_CHANGE=${maxChange} allows, so nothing was published: look at the input; if it is right, run the job again with --accept-change`,
  );
}
