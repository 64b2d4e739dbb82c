import { ArachneError } from "../core/errors.ts";

/** How far a table may move from run to run, and what is kept of it. */
export interface ServingBounds {
  /** SERVING_MAX_CHANGE */
  maxChange: number;
  /** SERVING_MAX_GROWTH */
  maxGrowth: number;
  /** QUALITY_MIN_ROWS: smaller tables may shrink as they like, but not become empty, and grow as if they had so many rows. */
  minRows: number;
  /** SERVING_VERSIONS: former versions kept to go back to. */
  versions: number;
  /** What would be refused passes. */
  acceptChange?: boolean;
}

export interface TableChange {
  readonly alias: string;
  /** Rows that readers see now; undefined: nothing yet. */
  readonly from: number | undefined;
  readonly to: number;
  /** See `ServedTable.grows`. */
  readonly grows: boolean;
}

/** @throws ArachneError `serving_change` when a table shrank or grew by more than the bounds allow */
export function refuseChange({ alias, from, to, grows }: TableChange, bounds: ServingBounds): void {
  const { maxChange, maxGrowth, minRows, acceptChange = false } = bounds;
  if (acceptChange || from === undefined || from === 0) return;
  const shrank = (to === 0 || from >= minRows) && from - to > maxChange * from;
  const grew = !grows && to > maxGrowth * Math.max(from, minRows);
  if (!shrank && !grew) return;
  const bound = shrank ? `SERVING_MAX_CHANGE=${maxChange}` : `SERVING_MAX_GROWTH=${maxGrowth}`;
  throw new ArachneError(
    "serving_change",
    `serving: publish ${alias} from ${from} to ${to} rows: more than ${bound} allows, so nothing was published: look at the input; if it is right, run the job again with --accept-change`,
  );
}
