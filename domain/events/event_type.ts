import { Flaw, shown } from "./flaw.ts";

const LONGEST = 100;

/** `UserSignedUp`, `user.signed-up` and `USER SIGNED UP` are one type: user_signed_up. */
export function eventType(value: string): string | Flaw {
  const words = value
    .normalize("NFC")
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1_$2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1_$2")
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== "");
  const type = words.join("_").toLowerCase();
  if (!/^\p{L}/u.test(type)) return new Flaw("event_type: no_name", `event_type must begin with a letter, is ${shown(value)}`);
  if (type.length > LONGEST)
    return new Flaw("event_type: too_long", `event_type has ${type.length} characters, at most ${LONGEST} may be: ${shown(value)}`);
  return type;
}
