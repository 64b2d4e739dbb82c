import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { gzip as gzipCallback, gunzip as gunzipCallback } from "node:zlib";
import kafkajs, { type Kafka } from "kafkajs";
import { SettingsError } from "../../core/errors.ts";
import "./idle-timer.ts";
import { logInto } from "./log.ts";
import type { KafkaOptions } from "./options.ts";
import { retryFor } from "./retry.ts";

const gzip = promisify(gzipCallback);
const gunzip = promisify(gunzipCallback);

const CONNECT_MS = 5_000;
const REQUEST_MS = 30_000;

// The default level 6 takes three times the CPU of level 1 for some tenths of the size.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP] = () => ({
  compress: (encoder: { buffer: Buffer }) => gzip(encoder.buffer, { level: 1 }),
  decompress: (buffer: Buffer) => gunzip(buffer),
});

/** A client of its own for each part that needs one: consumers of one kafkajs client share the offsets they have in mind. */
export function connectTo(options: KafkaOptions): Kafka {
  return new kafkajs.Kafka({
    brokers: [...options.brokers],
    clientId: options.clientId,
    connectionTimeout: CONNECT_MS,
    authenticationTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    retry: retryFor(options.retrySeconds),
    logLevel: kafkajs.logLevel.INFO,
    logCreator: logInto(options.log),
    ...(options.tls ? { ssl: options.caFile === undefined ? true : { ca: authority(options.caFile) } } : {}),
    ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
  });
}

export function authority(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new SettingsError("kafka_ca_file", `kafka: reading KAFKA_SSL_CA_FILE ${file}: name a PEM file that can be read`, { cause });
  }
}
