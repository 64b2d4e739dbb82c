/** A message as producers hand it over. */
export interface TopicMessage {
  key: string;
  /** UTF-8 text, for items their JSON. */
  value: string;
  /** The value as it is, only where it is no UTF-8; `value` is then what a lossy decoder makes of it. */
  bytes?: Uint8Array | undefined;
  headers?: Readonly<Record<string, string>>;
}

export interface StoredMessage extends TopicMessage {
  /** Of a topic that has several; offsets count within one. Default 0. */
  readonly partition?: number;
  readonly offset: number;
  readonly timestamp: number;
  /** Of the value, in bytes, where that is known without making it. */
  readonly size?: number;
}

/** Names a producer and the place of its batch's last message in what it sends: lets a topic that can recognise a repeated batch. */
export interface ProducerMark {
  producer: string;
  sequence: number;
}

export interface Producer extends AsyncDisposable {
  /**
   * Resolves when every message is durable; after an error none, some or all may be. At least once: a batch sent again
   * may stand twice, unless the implementation knows its mark.
   */
  send(messages: readonly TopicMessage[], mark?: ProducerMark): Promise<void>;
}

export interface MessageBatch {
  readonly messages: readonly StoredMessage[];
  /**
   * Moves the group's offset behind this batch. Call it when its effects are durable; the next batch may be asked for before that.
   * @throws TransientError `lease_lost` when another consumer of the group has taken over: the batch is, or will be, delivered to it
   */
  commit(): Promise<void>;
  /**
   * Whether another consumer of the group is known to have taken over, so that `commit` would fail: the batch need not be begun. Where it is
   * not there, only `commit` tells.
   */
  lost?(): boolean;
  /** Asks whether `commit` would still be taken: before what cannot be done twice. @throws TransientError `lease_lost` */
  check?(): Promise<void>;
}

export interface ConsumeOptions {
  group: string;
  /** Where a group that has no offset yet begins. */
  from?: "earliest" | "latest";
  maxMessages?: number;
  /** Of values: a batch ends before the message that would make it larger, but has at least one. */
  maxBytes?: number;
  /**
   * Asked whenever this consumer begins with a partition: the offset to go on from (the next one to read), where the consumer keeps its
   * own; the group's is then set to it. undefined: the group's.
   */
  resume?: (partition: number) => number | undefined;
  /**
   * The latest time of the messages before that offset, where the consumer knows it. In the topic that it has read none before it is later; a
   * topic of that name that was made anew has forgotten the group, and has.
   */
  resumeTime?: (partition: number) => number | undefined;
  signal: AbortSignal;
}

/** A place between two messages, as text that can be kept in a file; what it says is the implementation's own. */
export type TopicPosition = string;

/** By partition, the offset of the first message behind a place. */
export type TopicOffsets = ReadonlyMap<number, number>;

export interface ReadOptions {
  /** Default: the oldest message that is still there. */
  from?: TopicPosition | undefined;
  /** Default: the end at the call. */
  to?: TopicPosition | undefined;
  signal: AbortSignal;
}

/**
 * A durable log that many processes write and consumer groups read, in order within a partition, and so for each key.
 * Within a group each message goes to one consumer; a message whose batch was not committed is delivered again. The contract
 * suite (test/contracts/topic.ts) is what every implementation must pass.
 */
export interface Topic {
  readonly name: string;
  producer(): Promise<Producer>;
  consume(options: ConsumeOptions): AsyncIterable<MessageBatch>;
  /** Before the oldest message that is still there. */
  start(): Promise<TopicPosition>;
  /** Behind the last message that there is now. */
  end(): Promise<TopicPosition>;
  /**
   * Before the first message (of each partition) whose time is this or later, in milliseconds since 1970; where there is none, behind the last.
   * Messages stand in the order in which they came, which is not quite that of their times where producers' clocks differ.
   */
  at(time: number): Promise<TopicPosition>;
  /** What a place is in offsets; a topic without partitions has the one 0. @throws SettingsError `topic_position` */
  offsets(position: TopicPosition): TopicOffsets;
  position(offsets: TopicOffsets): TopicPosition;
  /**
   * What stands between two places, for no group; ends there. New messages are never waited for.
   * @throws ArachneError `topic_expired` when messages behind `from` have been removed; SettingsError `topic_position` when that is a place
   * in another kind of topic
   */
  read(options: ReadOptions): AsyncIterable<readonly StoredMessage[]>;
  /** Removes what is older than its retention, and tells how many messages that were; 0 where a broker sees to it. */
  expire(): Promise<number>;
  /** Messages that the group has yet to commit. */
  lag(group: string): Promise<number>;
  close(): Promise<void>;
}
