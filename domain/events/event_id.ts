import { Flaw, shown } from "./flaw.ts";

const LONGEST = 200;
const UNFIT = /[\p{Cc}\p{Surrogate}]/u;

/** What a producer calls its event, the same however often it sends it: trimmed text. */
export function eventId(value: string | number): string | Flaw {
  const id = String(value).trim().normalize("NFC");
  if (id === "") return new Flaw("event_id: empty", "event_id must be a text or a whole number, is empty");
  if (id.length > LONGEST)
    return new Flaw("event_id: too_long", `event_id has ${id.length} characters, at most ${LONGEST} may be: ${shown(id)}`);
  if (UNFIT.test(id)) return new Flaw("event_id: characters", `event_id holds characters that no id has: ${shown(id)}`);
  return id;
}
