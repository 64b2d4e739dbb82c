import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { authority } from "./client.ts";
import type { KafkaOptions } from "./options.ts";

/** What `metadata.version` levels are called: the first level of each release (MetadataVersion.java in apache/kafka). */
const RELEASES: readonly (readonly [level: number, release: string])[] = [
  [1, "3.0"],
  [2, "3.1"],
  [3, "3.2"],
  [4, "3.3"],
  [8, "3.4"],
  [9, "3.5"],
  [12, "3.6"],
  [15, "3.7"],
  [20, "3.8"],
  [21, "3.9"],
  [22, "4.0"],
  [26, "4.1"],
  [28, "4.2"],
  [30, "4.3"],
  [31, "4.4"],
];
/** Levels from here on were not given out when this was written. */
const UNKNOWN_LEVEL = 34;

/**
 * The release of a broker, as `4.4`. Kafka's protocol does not tell it: this is the newest `metadata.version` that the broker supports, from
 * ApiVersions (KIP-584, KIP-511; answered before any login). kafkajs asks for an older form of that, without features. undefined: the broker
 * has none (ZooKeeper, before 3.3) or does not say.
 * @param broker host:port
 */
export async function releaseOf(broker: string, options: KafkaOptions, signal: AbortSignal): Promise<string | undefined> {
  const level = await supportedLevel(broker, options, signal);
  if (level === undefined) return undefined;
  if (level >= UNKNOWN_LEVEL) return `later than ${RELEASES.at(-1)![1]}`;
  return RELEASES.findLast(([from]) => level >= from)?.[1];
}

function supportedLevel(broker: string, { tls, caFile }: KafkaOptions, signal: AbortSignal): Promise<number | undefined> {
  const at = broker.lastIndexOf(":");
  const place = { host: broker.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(broker.slice(at + 1)) };
  return new Promise((resolve) => {
    const socket: Socket = tls
      ? connectTls({ ...place, ...(caFile === undefined ? {} : { ca: authority(caFile) }) }, () => socket.write(request()))
      : connectPlain(place, () => socket.write(request()));
    let got = Buffer.alloc(0);
    const end = (level?: number): void => {
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(level);
    };
    const giveUp = (): void => end();
    signal.addEventListener("abort", giveUp, { once: true });
    socket.on("error", giveUp).on("close", giveUp);
    socket.on("data", (data) => {
      got = Buffer.concat([got, data]);
      if (got.length >= 4 && got.length >= 4 + got.readInt32BE(0)) end(levelIn(got.subarray(4)));
    });
    if (signal.aborted) end();
  });
}

const API_VERSIONS = 18;
const VERSION = 3;

/** https://kafka.apache.org/protocol#The_Messages_ApiVersions, version 3. */
function request(): Buffer {
  const clientId = Buffer.from("arachne");
  const compact = (text: string): Buffer => Buffer.concat([Buffer.from([text.length + 1]), Buffer.from(text)]);
  const head = Buffer.alloc(10);
  head.writeInt16BE(API_VERSIONS, 0);
  head.writeInt16BE(VERSION, 2);
  head.writeInt32BE(1, 4); // the answer repeats it
  head.writeInt16BE(clientId.length, 8);
  const noTags = Buffer.from([0]);
  const body = Buffer.concat([head, clientId, noTags, compact("arachne"), compact("0.1.0"), noTags]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

const SUPPORTED_FEATURES = 0;

function levelIn(answer: Buffer): number | undefined {
  try {
    const read = reader(answer);
    read.skip(4); // correlation id
    if (read.int16() !== 0) return undefined; // 35: it does not know version 3
    for (let n = read.varint() - 1; n > 0; n--) {
      read.skip(6);
      read.tags();
    }
    read.skip(4); // throttle time
    const features = read.tags().get(SUPPORTED_FEATURES);
    return features === undefined ? undefined : featureIn(reader(features));
  } catch (error) {
    if (error instanceof RangeError) return undefined; // cut short: no Kafka
    throw error;
  }
}

function featureIn(read: Reader): number | undefined {
  for (let n = read.varint() - 1; n > 0; n--) {
    const name = read.text();
    read.skip(2);
    const newest = read.int16();
    read.tags();
    if (name === "metadata.version") return newest;
  }
  return undefined;
}

type Reader = ReturnType<typeof reader>;

function reader(bytes: Buffer) {
  let at = 0;
  const take = (n: number): Buffer => {
    if (at + n > bytes.length) throw new RangeError("the answer is too short");
    return bytes.subarray(at, (at += n));
  };
  const varint = (): number => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = take(1)[0]!;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  return {
    skip: (n: number) => void take(n),
    int16: () => take(2).readInt16BE(),
    varint,
    text: () => take(varint() - 1).toString(),
    /** Tagged fields by number. */
    tags(): Map<number, Buffer> {
      const fields = new Map<number, Buffer>();
      for (let n = varint(); n > 0; n--) fields.set(varint(), take(varint()));
      return fields;
    },
  };
}
