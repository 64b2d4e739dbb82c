import { expect, it } from "vitest";
import { parsePosted } from "../../../domain/bds/posted.ts";

/** 01:30 on 1 March 2026 in Vietnam, still February in UTC. */
const CRAWL = new Date("2026-02-28T18:30:00Z");

it.each([
  ["17/10/2025", "2025-10-17"],
  ["8/7/2026", "2026-07-08"],
  ["17-10-2025", "2025-10-17"],
  ["17/10/25", "2025-10-17"],
  ["2023-06-27", "2023-06-27"],
  ["2025-10-17T20:00:00Z", "2025-10-18"],
  ["2025-10-17T20:00:00+07:00", "2025-10-17"],
  ["Ngày đăng: 29/07/2023", "2023-07-29"],
  ["Ngày đăng 04/07/2026 Ngày hết hạn 14/07/2026", "2026-07-04"],
  ["1769855371000", "2026-01-31"],
  ["Hôm nay", "2026-03-01"],
  ["Đăng hôm nay", "2026-03-01"],
  ["hom nay", "2026-03-01"],
  ["Hôm qua", "2026-02-28"],
  ["13 giây trước", "2026-03-01"],
  ["55 phút trước", "2026-03-01"],
  ["1 giờ trước", "2026-03-01"],
  ["6 giờ trước", "2026-02-28"],
  ["Đăng 2 ngày trước", "2026-02-27"],
  ["3 tuần trước", "2026-02-08"],
  ["1 tháng trước", "2026-02-01"],
  ["2 năm trước", "2024-03-01"],
  ["28/02", "2026-02-28"],
  ["17/10", "2025-10-17"],
])("%j is %s", (text, day) => {
  expect(parsePosted(text, CRAWL)).toBe(day);
});

it("a month back from the 31st is the month's last day", () => {
  expect(parsePosted("1 tháng trước", new Date("2026-03-31T05:00:00Z"))).toBe("2026-02-28");
});

it.each(["", "Tin ưu tiên", "Tin nổi bật", "N/A", "31/02/2025", "45/13/2025", "vài ngày trước"])("%j is null", (text) => {
  expect(parsePosted(text, CRAWL)).toBeNull();
});
