import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { defineItem, intoServing, type Stream, type StreamSink, type Written } from "arachne";
import type { Logger } from "../../src/core/context.ts";
import { TransientError } from "../../src/core/errors.ts";
import type { Settings, SettingsInput } from "../../src/core/settings.ts";
import type { StoredMessage, TopicMessage } from "../../src/core/topic.ts";
import type { Project } from "../../src/app/project.ts";
import { runStream, type StreamRequest, type StreamRun } from "../../src/app/run-stream.ts";
import { resolveSettings } from "../../src/app/settings.ts";
import { openTopic } from "../../src/app/topics.ts";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";

export const Offer = defineItem({
  name: "offer",
  key: ["id"],
  schema: z.object({ id: z.string().min(1), n: z.int(), at: z.iso.datetime(), note: z.string().nullable() }),
});
export type Offer = z.output<typeof Offer.schema>;

export const toServing: StreamSink<Offer> = intoServing({ alias: "offers", item: Offer, version: "at" });

export interface Place {
  dir: string;
  settings: Settings;
  log: Logger & { lines: string[] };
  send(messages: readonly TopicMessage[], topic?: string): Promise<void>;
  run(stream: Stream, request?: Partial<StreamRequest>): Promise<StreamRun>;
  project(streams: Readonly<Record<string, Stream>>): Project;
  /** Documents under an alias by their keys. */
  served(alias?: string): Record<string, unknown>;
  /** All messages of a topic. */
  read(topic: string): Promise<StoredMessage[]>;
}

/** A folder of its own with an embedded topic `t` and store; pauses are short. */
export function place(set: SettingsInput = {}): Place {
  const dir = mkdtempSync(join(tmpdir(), "arachne-stream-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const { settings } = resolveSettings({
    root: dir,
    project: {
      values: {
        STREAM_RETRY_BACKOFF_SECONDS: 0.01,
        STREAM_RETRY_BACKOFF_MAX_SECONDS: 0.05,
        STREAM_BREAKER_SECONDS: 0.05,
        STREAM_MAX_AHEAD_SECONDS: 0,
        ...set,
      },
    },
    env: {},
  });
  const lines: string[] = [];
  const at = (level: string) => (message: string, fields?: Record<string, unknown>) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  const log = { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  const now = (): Date => new Date();
  const c = { settings, log, now };
  const project = (streams: Readonly<Record<string, Stream>>): Project => ({
    root: dir,
    settings: { values: {} },
    names: (kind) => (kind === "streams" ? Object.keys(streams) : []),
    load: (_, name) => Promise.resolve(streams[name] as never),
  });
  return {
    dir,
    settings,
    log,
    project,
    async send(messages, name = "t") {
      const topic = await openTopic(name, c);
      await using producer = await topic.producer();
      await producer.send(messages);
      await topic.close();
    },
    run: (stream, request = {}) =>
      runStream({
        project: project({ s: stream }),
        stream: "s",
        ...c,
        signal: new AbortController().signal,
        untilEnd: true,
        ...request,
      }),
    served(alias = "offers") {
      using db = readSqlite(settings.SERVING_PATH);
      const rows = db.all<{ key: string; document: string }>(`SELECT key, document FROM "${alias}@documents"`);
      return Object.fromEntries(rows.map(({ key, document }) => [key, JSON.parse(document) as unknown]));
    },
    async read(name) {
      const topic = await openTopic(name, c);
      const all: StoredMessage[] = [];
      for await (const batch of topic.read({ signal: new AbortController().signal })) all.push(...batch);
      await topic.close();
      return all;
    },
  };
}

export const offer = (n: number, change: Partial<Offer> = {}): Offer => ({
  id: `o${n}`,
  n,
  at: new Date(Date.UTC(2026, 10, 1) + n * 1000).toISOString(),
  note: null,
  ...change,
});

export const message = (item: Offer, headers?: Record<string, string>): TopicMessage => ({
  key: item.id,
  value: JSON.stringify(item),
  ...(headers === undefined ? {} : { headers }),
});

/** A sink of its own around a real one: `before` may wait, throw, or take entries away to refuse them. */
export function around(
  sink: StreamSink<Offer>,
  before: (entries: readonly { item: Offer }[], write: number) => Promise<number[]> | number[],
): StreamSink<Offer> {
  return {
    async open(c) {
      const inner = await sink.open(c);
      let writes = 0;
      return {
        async write(entries): Promise<Written> {
          const refused = await before(entries, writes++);
          const rest = entries.map((_, i) => i).filter((i) => !refused.includes(i));
          const done = await inner.write(rest.map((i) => entries[i]!));
          return {
            ...done,
            refused: [
              ...done.refused.map((r) => ({ ...r, entry: rest[r.entry]! })),
              ...refused.map((entry) => ({ entry, reason: "no_thanks" })),
            ],
          };
        },
        [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
      };
    },
  };
}

export const down = (): never => {
  throw new TransientError("down", "the sink is down");
};
