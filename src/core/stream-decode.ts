import { describeError } from "./errors.ts";
import type { ItemType } from "./item.ts";
import { compileCheck, reasonOf } from "./schema/check.ts";
import { nullsForMissing } from "./schema/missing.ts";
import type { StoredMessage } from "./topic.ts";
import { parseWellFormed } from "./well-formed.ts";

/** In an item's place: it goes to the dead letters. `stage` is where it was found: `decode`, `validate`, a stage's name, `window`, `sink`. */
export class Poison {
  readonly stage: string;
  readonly reason: string;
  readonly detail: string;

  constructor(stage: string, reason: string, detail: string) {
    this.stage = stage;
    this.reason = reason;
    this.detail = detail;
  }
}

/** A message's item, checked by its type's rules; or why it is none. */
export function decoder(type: ItemType, maxBytes: number): (message: StoredMessage) => object | Poison {
  const check = compileCheck(type);
  const fill = nullsForMissing(type);
  return (message) => {
    const { value, bytes } = message;
    // A UTF-16 unit takes three bytes at most, so most values need no counting.
    const size = message.size ?? bytes?.byteLength ?? (value.length * 3 <= maxBytes ? 0 : Buffer.byteLength(value));
    if (size > maxBytes) return new Poison("decode", "too_large", `${size} bytes, and STREAM_MAX_MESSAGE_BYTES is ${maxBytes}`);
    if (bytes !== undefined) return new Poison("decode", "not_utf8", "the value holds bytes that are no UTF-8");
    let item: unknown;
    try {
      item = parseWellFormed(value);
    } catch (error) {
      return new Poison("decode", "not_json", describeError(error));
    }
    if (typeof item !== "object" || item === null || Array.isArray(item))
      return new Poison("decode", "not_an_object", `the value is ${Array.isArray(item) ? "a list" : item === null ? "null" : typeof item}`);
    let [wrong] = check(item) ?? [];
    if (wrong?.rule === "required") {
      fill(item);
      [wrong] = check(item) ?? [];
    }
    return wrong === undefined ? item : new Poison("validate", reasonOf(wrong), wrong.message);
  };
}
