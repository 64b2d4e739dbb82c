import type { Context } from "./context.ts";
import { SettingsError } from "./errors.ts";
import type { ItemType } from "./item.ts";
import type { Transform } from "./pipeline.ts";
import type { Window } from "./window.ts";

/** What a sink is opened with. */
export interface SinkContext extends Context {
  readonly stream: string;
  readonly sink: string;
  /** The project's folder, absolute. */
  readonly root: string;
}

/** An item on its way into a sink. */
export interface StreamEntry<T extends object = object> {
  readonly item: T;
  /** Its message's; none for a window's row. */
  readonly headers: Readonly<Record<string, string>>;
  /** The message's place in the topic. A window's row: 0, and its number among the rows that the stream has made. */
  readonly partition: number;
  readonly offset: number;
  /** The message's time, or when the window's row was made (each later than those before): milliseconds since 1970. */
  readonly time: number;
}

export interface Refusal {
  /** Index of the entry. */
  readonly entry: number;
  /** A few stable words, to count by. */
  readonly reason: string;
  readonly detail?: string;
}

/** What became of the entries: written + kept + refused = all of them, or the run's ledger does not close. */
export interface Written {
  readonly written: number;
  /** Left as they were: the sink has the same or a newer version. */
  readonly kept: number;
  /** What can never be written, for what it is. The stream dead-letters it. */
  readonly refused: readonly Refusal[];
}

export interface SinkWriter<T extends object = object> extends AsyncDisposable {
  /**
   * Resolves when the entries are durable. Entries of one partition come in order; after a crash some come again, perhaps in other
   * batches, so writing twice must equal writing once.
   * @throws TransientError: the same entries are tried again; RejectedError: at least one can never be written (the stream finds out
   * which by halving); any other error stops the stream
   */
  write(entries: readonly StreamEntry<T>[]): Promise<Written>;
}

export interface StreamSink<T extends object = object> {
  open(c: SinkContext): Promise<SinkWriter<T>>;
}

/** When a micro-batch is written: as soon as one of these is reached; without seconds, as soon as there is anything. */
export interface Trigger {
  /** After the batch's first message. Default STREAM_TRIGGER_SECONDS. */
  seconds?: number;
  /** Default STREAM_BATCH_MESSAGES. */
  messages?: number;
  /** Default STREAM_BATCH_BYTES. */
  bytes?: number;
}

export interface Stream<In extends object = object> {
  /** For `arachne stream list`. */
  readonly description?: string;
  readonly topic: string | ((c: Pick<Context, "settings">) => string);
  /** What its messages hold, as JSON. What does not fit is dead-lettered. */
  readonly item: ItemType<In>;
  /** Where it begins the first time. Default `earliest`. */
  readonly from?: "earliest" | "latest";
  /** First part of its consumer groups' names; default: the stream's name. A sink's group is `<group>.<sink>`, a window's `<group>`. */
  readonly group?: string | ((c: Pick<Context, "settings">) => string);
  /**
   * Steps in their order, by name: the same kind as the transforms of item pipelines; a drop is counted, a throw dead-letters the one
   * item. In their context `spider` is the stream's name.
   */
  readonly stages?: Readonly<Record<string, Transform>>;
  /** Then its rows go into the sinks, not the items. */
  readonly window?: Window;
  readonly trigger?: Trigger | ((c: Pick<Context, "settings">) => Trigger);
  /** By name. Each has its own consumer group, so that a slow or sick one holds no other back. */
  readonly into: Readonly<Record<string, StreamSink>>;
}

/**
 * What a file in streams/ exports by default.
 * @example
 * export default defineStream({ topic: "prices", item: Price, into: { search: intoServing({ alias: "prices", item: Price, version: "at" }) } });
 */
export function defineStream<In extends object>(stream: Stream<In>): Stream<In> {
  return stream;
}

const NAME = /^[a-z][a-z0-9_]*$/i;

/** @throws SettingsError `stream_definition` */
export function checkStream(name: string, stream: Stream): void {
  const refuse = (what: string): never => {
    throw new SettingsError("stream_definition", `stream ${name}: ${what}`);
  };
  const sinks = Object.keys(stream.into ?? {});
  if (sinks.length === 0) refuse("it has no sink: name one under `into`");
  for (const part of [...sinks, ...Object.keys(stream.stages ?? {})])
    if (!NAME.test(part))
      refuse(`the name ${JSON.stringify(part)} may only have letters, digits and "_": it becomes part of a consumer group's`);
  stream.window?.check((what) => refuse(`window: ${what}`));
}

/** The topic and the first part of the consumer groups' names, with the settings as they are. */
export function placesOf(name: string, stream: Stream, c: Pick<Context, "settings">): { topic: string; group: string } {
  const value = (given: string | ((c: Pick<Context, "settings">) => string)): string => (typeof given === "function" ? given(c) : given);
  return { topic: value(stream.topic), group: value(stream.group ?? name) };
}
