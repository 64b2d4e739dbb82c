import type { Sample } from "../core/metrics.ts";
import { sumOf } from "../core/stream-ledger.ts";
import { boundReasons } from "./metrics-reasons.ts";
import type { LaneStatus } from "./stream-lane.ts";

/** The lane that folds a stream's messages into windows has no sink; no sink can be called so. */
const WINDOWS = "(windows)";

/** What a stream's lanes have counted since the process began. */
export function streamSamples(stream: string): (lanes: readonly LaneStatus[]) => Sample[] {
  const reasons = new Map<string, ReturnType<typeof boundReasons>>();
  const ofLane = ({ name, ledger: l, breaker, opened, failed }: LaneStatus): Sample[] => {
    const sink = name.startsWith(`${stream}.`) ? name.slice(stream.length + 1) : WINDOWS;
    const labels = { stream, sink };
    if (!reasons.has(sink)) reasons.set(sink, boundReasons());
    const outcomes = { written: l.written, kept: l.kept, folded: l.folded, dropped: sumOf(l.dropped), dead: sumOf(l.dead) };
    return [
      { name: "arachne_stream_read_messages_total", labels, value: l.read },
      ...Object.entries(outcomes).map(([outcome, value]): Sample => ({
        name: "arachne_stream_messages_total",
        labels: { ...labels, outcome },
        value,
      })),
      ...reasons.get(sink)!(l.dead).map(([reason, value]): Sample => ({
        name: "arachne_stream_dead_letters_total",
        labels: { ...labels, reason },
        value,
      })),
      { name: "arachne_sink_breaker_open", labels, value: breaker === "closed" ? 0 : 1 },
      { name: "arachne_sink_breaker_trips_total", labels, value: opened },
      { name: "arachne_sink_failures_total", labels, value: failed },
    ];
  };
  return (lanes) => lanes.flatMap(ofLane);
}
