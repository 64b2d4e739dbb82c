import { endOfDay, oneRow, type JobContext } from "arachne";
import { before, lastSeenSql, listingsSql, sourcesSql } from "../domain/bds/batch_sql.ts";
import { SCHEMES } from "../domain/bds/serving.ts";
import { statisticsParts, type Level } from "../domain/bds/statistics.ts";
import { COLUMNS, type Read } from "./_bds_read.ts";

/** A query of the statistics of a view of listings; of many, parts are staged. */
export async function statisticsOf({ engine }: JobContext, listings: string, date: string, level: Level): Promise<string> {
  const { n: rows } = await oneRow<{ n: number }>(engine, `SELECT COUNT(*) AS n FROM ${listings}`);
  const parts = statisticsParts({ listings, asOf: date, level, rows });
  if (parts.length === SCHEMES.length) return parts.join(" UNION ALL ");
  const names = parts.map((_, i) => `${listings}_${level}_${i}`);
  for (const [i, sql] of parts.entries()) await engine.stage(names[i]!, sql);
  return names.map((name) => `SELECT * FROM ${name}`).join(" UNION ALL ");
}

/** A day's rows of the history: the date, and views of both levels' statistics. */
export interface DaySlice {
  date: string;
  province: string;
  district: string;
}

/**
 * The published output's day as it ended, by the first run of a later day: the last run of a day is before its end. Exact, for
 * what is published has each listing as last seen on that day or before, and what was crawled since is among this run's rows.
 */
export async function dayEnd(c: JobContext, { fresh, rows, former }: Read): Promise<DaySlice | undefined> {
  const { engine, settings } = c;
  const date = c.former?.date;
  if (date === undefined || date >= c.date) return undefined;
  const end = endOfDay(settings.SCHEDULER_TIMEZONE, date);
  const sources = former === undefined ? undefined : before(former.sources, "last_at", end);
  await engine.stage("day_end_sources", sourcesSql(before(`(${fresh}) AS fresh`, "crawled_at", end), sources));
  const seen = before(rows, "crawled_at", end);
  await engine.stage("day_end_last_seen", lastSeenSql(seen, "repeated"));
  await engine.stage(
    "day_end",
    listingsSql({
      rows: seen,
      lastSeen: "day_end_last_seen",
      sources: "day_end_sources",
      columns: COLUMNS,
      goneAfterDays: settings.BDS_GONE_AFTER_DAYS,
    }),
  );
  for (const level of ["province", "district"] as const)
    await engine.stage(`day_end_${level}`, await statisticsOf(c, "day_end", date, level));
  return { date, province: "day_end_province", district: "day_end_district" };
}
