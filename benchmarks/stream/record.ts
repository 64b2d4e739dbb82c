import { z } from "zod";
import { defineItem, type ItemOf } from "../../src/core/item.ts";
import type { TopicMessage } from "../../src/core/topic.ts";

/** What both sides read and write: 1 kB as JSON. */
export const Record = defineItem({
  name: "record",
  key: ["id"],
  schema: z.object({
    id: z.string().min(1).max(100),
    at: z.iso.datetime(),
    kind: z.enum(["sale", "rent"]),
    source: z.string().min(1),
    link: z.url(),
    title: z.string().min(1),
    price: z.int().nonnegative().nullable(),
    area: z.number().positive().nullable(),
    rooms: z.int().nullable(),
    district: z.string().nullable(),
    province: z.string().nullable(),
    description: z.string(),
  }),
});
export type Record = ItemOf<typeof Record>;

const HEADERS = { item: "record", schema: "1", spider: "bench" };
const START = Date.UTC(2026, 10, 1);

/** Seeded by its number: two runs write the same. */
function recordAt(n: number): Record {
  const words = Array.from({ length: 92 }, (_, w) => ((n * 7919 + w * 104_729) % 99_991).toString(36)).join(" ");
  return {
    id: `pr${n}`,
    at: new Date(START + n * 100).toISOString(),
    kind: n % 3 === 0 ? "rent" : "sale",
    source: "bds.demo",
    link: `http://bds.demo/ban-can-ho-chung-cu-phuong-12/pr${n}`,
    title: `Bán căn hộ ${n % 5} phòng ngủ, sổ hồng riêng`,
    price: n % 17 === 0 ? null : n * 1000,
    area: n % 11 === 0 ? null : 50 + (n % 100) / 4,
    rooms: n % 5,
    district: "Quận Bình Thạnh",
    province: "Hồ Chí Minh",
    description: words,
  };
}

export function messageAt(n: number): TopicMessage {
  const record = recordAt(n);
  return { key: record.id, value: JSON.stringify(record), headers: HEADERS };
}
