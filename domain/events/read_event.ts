import { enrichment } from "./enrich.ts";
import { eventId } from "./event_id.ts";
import { eventTime } from "./event_time.ts";
import { eventType } from "./event_type.ts";
import { Flaw } from "./flaw.ts";
import { canonicalText, objectOf, type Json } from "./json_text.ts";
import type { IncomingEvent, StreamEvent } from "./stream_event.ts";

/** An event in one form, whoever sent it, with what its type lets us find out; or why it is none. A pure function of the message. */
export function readEvent(incoming: IncomingEvent): StreamEvent | Flaw {
  const event_id = eventId(incoming.event_id);
  if (event_id instanceof Flaw) return event_id;
  const event_type = eventType(incoming.event_type);
  if (event_type instanceof Flaw) return event_type;
  const timestamp = eventTime(incoming.timestamp);
  if (timestamp instanceof Flaw) return timestamp;
  const payload = objectOf(incoming.payload as Json | undefined, "payload");
  if (payload instanceof Flaw) return payload;
  const metadata = objectOf(incoming.metadata as Json | undefined, "metadata");
  if (metadata instanceof Flaw) return metadata;
  return {
    event_id,
    event_type,
    timestamp,
    payload: canonicalText(payload),
    source: incoming.source?.trim().normalize("NFC") || "unknown",
    metadata: canonicalText({ ...metadata, enriched: enrichment(event_type, payload) }),
  };
}
