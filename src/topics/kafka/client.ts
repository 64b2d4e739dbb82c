import { readFileSync } from "node:fs";
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { promisify } from "node:util";
import { gzip as gzipCallback, gunzip as gunzipCallback } from "node:zlib";
import kafkajs, { type ISocketFactory, type Kafka } from "kafkajs";
import { SettingsError } from "../../core/errors.ts";
import "./idle-timer.ts";
import { logInto } from "./log.ts";
import type { KafkaOptions } from "./options.ts";
import { retryFor } from "./retry.ts";

const gzip = promisify(gzipCallback);
const gunzip = promisify(gunzipCallback);

const CONNECT_MS = 5_000;
const REQUEST_MS = 30_000;
const KEEP_ALIVE_MS = 60_000;

// The default level 6 takes three times the CPU of level 1 for some tenths of the size.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP] = () => ({
  compress: (encoder: { buffer: Buffer }) => gzip(encoder.buffer, { level: 1 }),
  decompress: (buffer: Buffer) => gunzip(buffer),
});

/**
 * A client of its own for each part that needs one: consumers of one kafkajs client share the offsets they have in mind.
 * @param open has the connections that are open at any time. A kafkajs consumer forgets those of a broker that has cut one of them, and
 * leaves them open when it disconnects: the process would never end.
 */
export function connectTo(options: KafkaOptions, open?: Set<Socket>): Kafka {
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
    ...(open === undefined ? {} : { socketFactory: socketsInto(open) }),
  });
}

/** As kafkajs's own. */
function socketsInto(open: Set<Socket>): ISocketFactory {
  return ({ host, port, ssl, onConnect }) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = ssl ? connectTls({ host, port, ...name, ...ssl }, onConnect) : connectPlain({ host, port }, onConnect);
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => undefined); // kafkajs listens too, but not to the last
    return socket.setKeepAlive(true, KEEP_ALIVE_MS);
  };
}

export function authority(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new SettingsError("kafka_ca_file", `kafka: reading KAFKA_SSL_CA_FILE ${file}: name a PEM file that can be read`, { cause });
  }
}
