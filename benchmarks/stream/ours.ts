import { defineStream, defineTransform, intoClickHouse, intoServing, type Stream, type StreamSink } from "../../src/index.ts";
import type { Project } from "../../src/app/project.ts";
import { runStream } from "../../src/app/run-stream.ts";
import { resolveSettings } from "../../src/app/settings.ts";
import { Record } from "./record.ts";
import "../../src/topics/kafka/topic.ts"; // loaded before the clock runs, as the loop's client is
import "../../src/sinks/clickhouse/sink.ts";
import "../../src/sinks/elasticsearch/serving.ts";
import type { Side, Sink, Turn } from "./worker.ts";

/** As a project's own stream: decode, validate, a stage, the sink, commit. */
export const ours: Side = (sink, turn) => {
  const { settings } = resolveSettings({
    root: turn.dir,
    project: { values: { KAFKA_BOOTSTRAP_SERVERS: turn.kafka, ...placeOf(sink, turn) } },
    env: {},
  });
  const stream = streamInto(sink, turn) as Stream;
  const project: Project = {
    root: turn.dir,
    settings: { values: {} },
    names: () => ["bench"],
    load: () => Promise.resolve(stream as never),
  };
  const silent = (): void => undefined;
  const log = { debug: silent, info: silent, warn: console.error, error: console.error };
  return Promise.resolve(async () => {
    const stop = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const { lanes, remainder } = await runStream({
      project,
      stream: "bench",
      settings,
      log,
      now: () => new Date(),
      signal: stop.signal,
      onStart: (status) => (timer = setInterval(() => status()[0]!.ledger.read >= turn.records && stop.abort(), 20)),
    });
    clearInterval(timer);
    const { read, written } = lanes[0]!.ledger;
    if (written !== turn.records || read !== written || remainder.length > 0)
      throw new Error(`${read} read, ${written} written, of ${turn.records}; ${remainder.join()}`);
  });
};

function placeOf(sink: Sink, { elasticsearch, clickhouse, dir }: Turn) {
  const { hostname, port } = new URL(clickhouse);
  return {
    STATE_DIR: dir,
    CHECKPOINT_LOCATION: dir,
    ...(sink === "elasticsearch" ? { ELASTICSEARCH_URL: elasticsearch } : {}),
    ...(sink === "clickhouse" ? { CLICKHOUSE_HOST: hostname, CLICKHOUSE_PORT: Number(port) } : {}),
  };
}

const trimmed = defineTransform<Record>({
  process: (records) => records.map((record) => ({ ...record, title: record.title.trim() })),
});

function streamInto(sink: Sink, { topic, group, target }: Turn): Stream<Record> {
  return defineStream<Record>({
    topic,
    item: Record,
    group,
    stages: { trimmed },
    ...(sink === "clickhouse" ? { trigger: { seconds: 10, messages: 5_000 } } : {}), // as streams/stream_events.ts
    into: { [sink]: sinkInto(sink, target) },
  });
}

function sinkInto(sink: Sink, target: string): StreamSink<Record> {
  if (sink === "clickhouse") return intoClickHouse({ table: target, item: Record, time: "at" });
  if (sink === "elasticsearch") return intoServing({ alias: target, item: Record, version: "at", origin: () => "real" });
  let sum = 0;
  return {
    open: () =>
      Promise.resolve({
        write(entries) {
          for (const { item } of entries) sum += item.price ?? 0;
          return Promise.resolve({ written: entries.length, kept: 0, refused: [] });
        },
        [Symbol.asyncDispose]: () => Promise.resolve(void process.stderr.write(`sum ${sum}\n`)),
      }),
  };
}
