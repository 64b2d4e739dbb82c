import { describe, expect, test } from "vitest";
import { enrichment } from "../../../domain/events/enrich.ts";
import { eventId } from "../../../domain/events/event_id.ts";
import { eventTime } from "../../../domain/events/event_time.ts";
import { eventType } from "../../../domain/events/event_type.ts";
import { Flaw } from "../../../domain/events/flaw.ts";
import { canonicalText, objectOf } from "../../../domain/events/json_text.ts";
import { readEvent } from "../../../domain/events/read_event.ts";
import { sampleEvents } from "../../../domain/events/samples.ts";

const reason = (value: unknown): string => (value instanceof Flaw ? value.reason : `no flaw: ${String(value)}`);

describe("a time", () => {
  test.each([
    ["2026-11-21T09:05:07Z", "2026-11-21T09:05:07.000Z"],
    ["2026-11-21T16:05:07.1239+07:00", "2026-11-21T09:05:07.123Z"],
    ["2026-11-21 09:05:07", "2026-11-21T09:05:07.000Z"],
    ["2026-11-21t04:05:07,5-05", "2026-11-21T09:05:07.500Z"],
    ["2026-11-21 09:05:07 UTC", "2026-11-21T09:05:07.000Z"],
    ["2026-11-21T09:05", "2026-11-21T09:05:00.000Z"],
    ["20261121T090507Z", "2026-11-21T09:05:07.000Z"],
    ["20261121T160507+0700", "2026-11-21T09:05:07.000Z"],
    ["2026-11-21", "2026-11-21T00:00:00.000Z"],
    ["2024-02-29T23:59:60Z", "2024-03-01T00:00:00.000Z"],
    [" 1795251907 ", "2026-11-21T09:05:07.000Z"],
    [1795251907, "2026-11-21T09:05:07.000Z"],
    [1795251907.25, "2026-11-21T09:05:07.250Z"],
    [1795251907250, "2026-11-21T09:05:07.250Z"],
    [1795251907250123, "2026-11-21T09:05:07.250Z"],
    ["1795251907250123456", "2026-11-21T09:05:07.250Z"],
    [0, "1970-01-01T00:00:00.000Z"],
    [-1, "1969-12-31T23:59:59.000Z"],
  ])("%s is %s", (given, expected) => expect(eventTime(given)).toBe(expected));

  test.each([
    "",
    "yesterday",
    "2026-02-30T00:00:00Z",
    "2025-02-29",
    "2026-13-01",
    "2026-11-21T24:00:00Z",
    "2026-11-21T09:60:00Z",
    "21/11/2026",
    "2026-11-21T09:05:07+25:00",
    "0x10",
    "1e400",
    NaN,
  ])("%s is none", (given) => expect(reason(eventTime(given))).toBe("timestamp: not_a_time"));
});

test.each([
  ["UserSignedUp", "user_signed_up"],
  ["user.signed-up", "user_signed_up"],
  ["  USER SIGNED UP ", "user_signed_up"],
  ["HTTPRequestFailed", "http_request_failed"],
  ["order2Placed", "order2_placed"],
  ["ĐăngKý mới", "đăng_ký_mới"],
])("the type %s is %s", (given, expected) => expect(eventType(given)).toBe(expected));

test("ids are trimmed, and what is none says why", () => {
  expect(eventId(" a b \n")).toBe("a b");
  expect(eventId(42)).toBe("42");
  expect(eventId("e\u0301")).toBe("é");
  expect([" ", "a\u0000b", "x\ud800", "y".repeat(201)].map((id) => reason(eventId(id)))).toEqual([
    "event_id: empty",
    "event_id: characters",
    "event_id: characters",
    "event_id: too_long",
  ]);
  expect(reason(eventType(" - "))).toBe("event_type: no_name");
  expect(reason(eventType("t".repeat(101)))).toBe("event_type: too_long");
});

test("equal values are equal texts, however they came", () => {
  const one = objectOf({ b: [1, { d: null, c: "x" }], a: true }, "payload");
  const two = objectOf('  {"a": true, "b": [1, {"c":"x","d":null}]}', "payload");
  expect(canonicalText(one as never)).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
  expect(two).toEqual(one);
  const forms = [undefined, null, "text", "{no json", [1], 7, "", JSON.parse('{"__proto__": 1, "10": 2, "9": 3}') as never];
  expect(forms.map((form) => canonicalText(objectOf(form, "payload") as never))).toEqual([
    "{}",
    "{}",
    '{"value":"text"}',
    '{"value":"{no json"}',
    '{"value":[1]}',
    '{"value":7}',
    '{"value":""}',
    '{"10":2,"9":3,"__proto__":1}',
  ]);
  const deep = JSON.parse(`${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`) as never;
  expect(reason(objectOf(deep, "metadata"))).toBe("metadata: too_deep");
});

test("each type is enriched with what its payload tells", () => {
  expect(enrichment("page_view", { url: "https://Example.com/a?b" })).toEqual({ category: "web", host: "example.com", path: "/a" });
  expect(enrichment("page_view", { url: "no url" })).toEqual({ category: "web" });
  expect(enrichment("search", { query: "  Nhà  Phố " })).toEqual({ category: "web", query: "nhà phố", words: 2 });
  expect(enrichment("order_placed", { amount: 0.1, currency: "vnd", items: [1, 2] })).toEqual({
    category: "commerce",
    amount: "0.1",
    currency: "VND",
    items: 2,
  });
  expect(enrichment("user_signed_up", { email: "An@Example.ORG" })).toEqual({ category: "account", email_domain: "example.org" });
  expect(enrichment("constructor", {})).toEqual({ category: "other" });
});

test("an event is read whole; what it is not, it says", () => {
  const read = readEvent({
    event_id: 7,
    event_type: "PageView",
    timestamp: 1795251907,
    payload: { url: "http://a.b/c" },
    metadata: { z: 1, enriched: 2 },
  });
  expect(read).toEqual({
    event_id: "7",
    event_type: "page_view",
    timestamp: "2026-11-21T09:05:07.000Z",
    payload: '{"url":"http://a.b/c"}',
    source: "unknown",
    metadata: '{"enriched":{"category":"web","host":"a.b","path":"/c"},"z":1}',
  });
  expect(reason(readEvent({ event_id: "a", event_type: "b", timestamp: "never" }))).toBe("timestamp: not_a_time");
});

test("samples are the same for a seed, and all of them events", () => {
  const until = new Date("2026-11-21T09:00:00Z");
  const samples = [...sampleEvents({ count: 200, seed: 3, until })];
  expect([...sampleEvents({ count: 200, seed: 3, until })]).toEqual(samples);
  const times = samples.map((sample) => (readEvent(sample) as { timestamp: string }).timestamp);
  expect(times).toEqual(samples.map((_, n) => new Date(until.getTime() - (199 - n) * 1000).toISOString()));
});
