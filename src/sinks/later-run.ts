import type { ServedSlice } from "../core/serving.ts";

/** For the log, where a slice is left as it is. */
export function laterRun({ alias, slice }: ServedSlice): string {
  return `${alias}: a later run has written ${slice.field} ${slice.value}, and its rows stand`;
}
