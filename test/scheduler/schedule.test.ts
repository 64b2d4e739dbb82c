import { expect, test } from "vitest";
import { SettingsError } from "../../src/core/errors.ts";
import { checkZone, parseSchedule } from "../../src/core/schedule.ts";

/** A period of a schedule and its runs, as month-day and time in UTC. */
const CASES: [why: string, cron: string, zone: string, from: string, to: string, runs: string[]][] = [
  [
    "a zone without daylight saving",
    "0 2 * * *",
    "Asia/Ho_Chi_Minh",
    "2026-11-20",
    "2026-11-22T19:00",
    ["11-20T19:00", "11-21T19:00", "11-22T19:00"],
  ],
  ["weekly", "0 3 * * 0", "Asia/Ho_Chi_Minh", "2026-11-15", "2026-11-29", ["11-21T20:00", "11-28T20:00"]],
  // 2026-03-29 02:00 CET is 03:00 CEST: what is skipped runs at 01:00 UTC.
  [
    "spring, a skipped time",
    "30 2 * * *",
    "Europe/Berlin",
    "2026-03-27T12:00",
    "2026-03-31",
    ["03-28T01:30", "03-29T01:00", "03-30T00:30"],
  ],
  ["spring, several skipped", "*/20 2 * * *", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T12:00", ["03-29T01:00"]],
  ["spring, skipped and listed", "0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T12:00", ["03-29T01:00"]],
  [
    "spring, every hour",
    "0 * * * *",
    "Europe/Berlin",
    "2026-03-28T22:00",
    "2026-03-29T02:00",
    ["03-28T23:00", "03-29T00:00", "03-29T01:00", "03-29T02:00"],
  ],
  // 2026-10-25 03:00 CEST is 02:00 CET: 02:30 comes at 00:30 and at 01:30 UTC.
  [
    "autumn, a repeated time",
    "30 2 * * *",
    "Europe/Berlin",
    "2026-10-23T12:00",
    "2026-10-27T12:00",
    ["10-24T00:30", "10-25T00:30", "10-26T01:30", "10-27T01:30"],
  ],
  ["autumn, several repeated", "*/30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T12:00", ["10-25T00:00", "10-25T00:30"]],
  [
    "autumn, every hour",
    "0 * * * *",
    "Europe/Berlin",
    "2026-10-24T23:00",
    "2026-10-25T03:00",
    ["10-25T00:00", "10-25T01:00", "10-25T02:00", "10-25T03:00"],
  ],
  [
    "autumn, west of Greenwich",
    "30 1 * * *",
    "America/New_York",
    "2026-10-31",
    "2026-11-02T12:00",
    ["10-31T05:30", "11-01T05:30", "11-02T06:30"],
  ],
  ["spring, west of Greenwich", "30 2 * * *", "America/New_York", "2026-03-07T12:00", "2026-03-09T12:00", ["03-08T07:00", "03-09T06:30"]],
  // Lord Howe Island moves by half an hour: 02:00 +10:30 is 02:30 +11, and back at 02:00 +11 to 01:30 +10:30.
  [
    "half an hour, skipped",
    "15 2 * * *",
    "Australia/Lord_Howe",
    "2026-10-02T12:00",
    "2026-10-05",
    ["10-02T15:45", "10-03T15:30", "10-04T15:15"],
  ],
  [
    "half an hour, repeated",
    "45 1 * * *",
    "Australia/Lord_Howe",
    "2026-04-03T12:00",
    "2026-04-06",
    ["04-03T14:45", "04-04T14:45", "04-05T15:15"],
  ],
  [
    "half an hour, every hour",
    "0 * * * *",
    "Australia/Lord_Howe",
    "2026-10-03T14:00",
    "2026-10-03T17:00",
    ["10-03T14:30", "10-03T15:30", "10-03T16:00", "10-03T17:00"],
  ],
  ["with seconds", "*/20 30 4 * * *", "UTC", "2026-01-01", "2026-01-02", ["01-01T04:30", "01-01T04:30", "01-01T04:30"]],
  ["the last day of a month", "0 0 L * *", "UTC", "2028-02-01", "2028-04-01", ["02-29T00:00", "03-31T00:00"]],
];

test.each(CASES)("cron times: %s", (_, cron, zone, from, to, runs) => {
  const schedule = parseSchedule(cron, zone, { job: "j", source: "here" });
  const [start, end] = [new Date(`${from.padEnd(16, "T00:00")}Z`), new Date(`${to.padEnd(16, "T00:00")}Z`)];
  const found = schedule.between(start, end);
  expect(found.map((at) => at.toISOString().slice(5, 16))).toEqual(runs);

  const stepped: Date[] = [];
  for (let at = schedule.next(start); at !== undefined && at <= end; at = schedule.next(at)) stepped.push(at);
  expect(stepped).toEqual(found);
});

test.each([
  ["*/10 * * * *", "Europe/Berlin", "2026-10-24T20:00"],
  ["*/30 1-3 * * *", "Europe/Berlin", "2026-10-24T20:00"],
  ["*/20 2 * * *", "Europe/Berlin", "2026-03-28T20:00"],
  ["10 * * * *", "Australia/Lord_Howe", "2026-04-04T10:00"],
  ["*/15 1,2 * * *", "Australia/Lord_Howe", "2026-10-03T10:00"],
  ["30 1-2 * * *", "America/New_York", "2026-11-01T01:00"],
])("wherever a period is cut, the same runs come out: %s in %s around %s", (cron, zone, from) => {
  const schedule = parseSchedule(cron, zone, { job: "j", source: "here" });
  const start = Date.parse(`${from}Z`);
  const end = start + 12 * 3_600_000;
  const whole = schedule.between(new Date(start), new Date(end)).map(Number);
  expect(whole.length).toBeGreaterThan(0);
  for (let at = start; at < end; at += 7 * 60_000) {
    const parts = [...schedule.between(new Date(start), new Date(at)), ...schedule.between(new Date(at), new Date(end))];
    expect(parts.map(Number)).toEqual(whole);
    const next = whole.find((run) => run > at);
    if (next !== undefined) expect(schedule.next(new Date(at))?.getTime()).toBe(next);
  }
});

test.each([
  [
    "0 25 * * *",
    /schedule of job bds_batch: "0 25 \* \* \*" \(from jobs\/bds_batch\.ts\) is not valid: Invalid value for hour: 25\. An example: /,
  ],
  ["daily", /"daily" .* is not valid: .*five, six, or seven space separated parts/],
  ["0 0 31 2 *", /there is no such date$/],
  ["", /is not valid/],
])("a bad expression names the job, the value and its source: %j", (cron, message) => {
  const parse = () => parseSchedule(cron, "UTC", { job: "bds_batch", source: "jobs/bds_batch.ts" });
  expect(parse).toThrow(SettingsError);
  expect(parse).toThrow(message);
});

test("a bad zone names the setting, the value and its source", () => {
  expect(() => checkZone("Asia/Hanoi", ".env")).toThrow(/^SCHEDULER_TIMEZONE="Asia\/Hanoi" \(from \.env\) is not a time zone: /);
});
