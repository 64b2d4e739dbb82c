import { expect, test } from "vitest";
import { letterId, readLetter, toLetter } from "../../../src/core/stream-dead.ts";
import { Poison } from "../../../src/core/stream-decode.ts";
import { toMessages } from "../../../src/topics/kafka/message.ts";

test.each([
  ["1795000000000000000", "+275760-09-13T00:00:00.000Z"], // nanoseconds: brokers before 4.0 take any number
  ["-1", "1969-12-31T23:59:59.999Z"], // none
])("a message whose time is %s can be set aside, and is known again", (timestamp, time) => {
  const record = { key: Buffer.from("k"), value: Buffer.from("v"), timestamp, attributes: 0, offset: "7", headers: {} };
  const [message] = toMessages([record], 2);
  const letter = toLetter(message!, "t", new Poison("decode", "not_json", ""), "s");
  expect(letter.headers!["origin_time"]).toBe(time);
  expect(readLetter({ ...letter, offset: 0, timestamp: 0 })!.id).toBe(letterId(message!, "t", "s"));
});
