import { z } from "zod";
import { defineItem } from "arachne";

/** What producers send to the topic: as they write it. */
export const IncomingEvent = defineItem({
  name: "incoming_event",
  key: ["event_id"],
  schema: z.object({
    event_id: z.union([z.string(), z.int()]).describe("The same for one event, however often it is sent"),
    event_type: z.string(),
    timestamp: z.union([z.string(), z.number()]).describe("ISO 8601, or a time since 1970"),
    payload: z.unknown().optional(),
    source: z.string().nullish(),
    metadata: z.unknown().optional(),
  }),
});
export type IncomingEvent = z.output<typeof IncomingEvent.schema>;

/** An event as it is kept. */
export const StreamEvent = defineItem({
  name: "stream_event",
  key: ["event_id"],
  schema: z.object({
    event_id: z.string().min(1).describe("What its producer calls it"),
    event_type: z.string().min(1).describe("Lower case, words joined by _"),
    timestamp: z.iso.datetime().describe("When it happened, UTC"),
    payload: z.string().describe("JSON object, keys sorted"),
    source: z.string().min(1).describe("Who sent it; unknown where nobody says"),
    metadata: z.string().describe("JSON object, keys sorted; enriched: what we found out"),
  }),
});
export type StreamEvent = z.output<typeof StreamEvent.schema>;
