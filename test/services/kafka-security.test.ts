import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { freePort } from "../../scripts/services/port.ts";
import { openTopic } from "../../src/app/topics.ts";
import { lookAtHealth, type HealthRow } from "../../src/app/health.ts";
import type { Project } from "../../src/app/project.ts";
import { resolveSettings, type ResolvedSettings } from "../../src/app/settings.ts";
import type { Topic } from "../../src/core/topic.ts";
import { numbered, quiet, range, sortedNumbers, startBroker, take, type Broker } from "./kafka-broker.ts";

const OPENSSL = "openssl";
const dir = mkdtempSync(join(tmpdir(), "arachne-kafka-tls-"));
const [port, controller, sasl, secure] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
const broker = await startSecured();
afterAll(async () => {
  await broker?.remove();
  rmSync(dir, { recursive: true, force: true });
});

/** alice by password, carol by SCRAM; mallory may come in and nothing else. */
async function startSecured(): Promise<Broker | undefined> {
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", join(dir, "key.pem"), "-out", join(dir, "cert.pem")];
  execFileSync(OPENSSL, ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...files, ...subject], { stdio: "ignore" });
  execFileSync("sh", ["-c", 'cat "$0/key.pem" "$0/cert.pem" > "$0/both.pem"', dir]);
  const plain =
    'org.apache.kafka.common.security.plain.PlainLoginModule required username="b" password="b" user_alice="alice-secret" user_mallory="mallory-secret";';
  const scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
  const public_ = `PLAINTEXT://127.0.0.1:${port},SASL://127.0.0.1:${sasl},SECURE://127.0.0.1:${secure}`;
  const properties: Record<string, string> = {
    listeners: `${public_},CONTROLLER://127.0.0.1:${controller}`,
    "advertised.listeners": public_,
    "controller.quorum.voters": `1@127.0.0.1:${controller}`,
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,SECURE:SASL_SSL",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": join(dir, "both.pem"),
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS;User:alice;User:carol",
  };
  for (const listener of ["sasl", "secure"]) {
    properties[`listener.name.${listener}.plain.sasl.jaas.config`] = plain;
    for (const bits of [256, 512]) properties[`listener.name.${listener}.scram-sha-${bits}.sasl.jaas.config`] = scram;
  }
  const formatArgs = [256, 512].flatMap((bits) => ["--add-scram", `SCRAM-SHA-${bits}=[name=carol,password=carol-secret]`]);
  return startBroker({ port, properties, formatArgs });
}

function resolved(env: Record<string, string>, listener: number): ResolvedSettings {
  return resolveSettings({
    root: dir,
    project: { values: {} },
    env: { KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${listener}`, KAFKA_RETRY_SECONDS: "2", KAFKA_SECURITY_PROTOCOL: "SASL_PLAINTEXT", ...env },
  });
}

function open(env: Record<string, string>, listener = sasl): Promise<Topic> {
  return openTopic(`t-${randomUUID()}`, { settings: resolved(env, listener).settings, now: () => new Date(), log: quiet });
}

async function health(env: Record<string, string>, listener: number): Promise<HealthRow> {
  const project: Project = { root: dir, settings: { values: {} }, names: () => [], load: () => Promise.reject(new Error("no part")) };
  const found = await lookAtHealth({ project, resolved: resolved(env, listener), log: quiet, now: () => new Date() });
  return found.rows.find(({ check }) => check === "kafka")!;
}

const alice = { KAFKA_SASL_USERNAME: "alice", KAFKA_SASL_PASSWORD: "alice-secret" };
const carol = { KAFKA_SASL_USERNAME: "carol", KAFKA_SASL_PASSWORD: "carol-secret" };
const tls = { KAFKA_SECURITY_PROTOCOL: "SASL_SSL", KAFKA_SSL_CA_FILE: join(dir, "cert.pem") };

async function works(topic: Topic): Promise<void> {
  await using producer = await topic.producer();
  await producer.send(numbered(1, 5));
  expect(sortedNumbers(await take(topic, "g", 5))).toEqual(range(1, 5));
}

describe.skipIf(broker === undefined)("a Kafka topic behind TLS and SASL", () => {
  test("is used with PLAIN and with SCRAM, with TLS and without", async () => {
    await works(await open({ ...alice, KAFKA_SASL_MECHANISM: "PLAIN" }));
    await works(await open({ ...carol, KAFKA_SASL_MECHANISM: "SCRAM-SHA-256" }));
    await works(await open({ ...carol, ...tls, KAFKA_SASL_MECHANISM: "SCRAM-SHA-512" }, secure));
    await works(await open({ ...alice, ...tls, KAFKA_SASL_MECHANISM: "PLAIN" }, secure));
  });

  const wrong: { what: string; env: Record<string, string>; listener?: number; says: RegExp; code?: string }[] = [
    {
      what: "a wrong password",
      env: { ...alice, KAFKA_SASL_PASSWORD: "alice-secre" },
      says: /check KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD/,
    },
    {
      what: "a wrong SCRAM password",
      env: { ...carol, KAFKA_SASL_PASSWORD: "x", KAFKA_SASL_MECHANISM: "SCRAM-SHA-256" },
      says: /check KAFKA_SASL_USERNAME/,
    },
    { what: "a user who may do nothing", env: { KAFKA_SASL_USERNAME: "mallory", KAFKA_SASL_PASSWORD: "mallory-secret" }, says: /may not/ },
    { what: "no user", env: {}, says: /needs a user: set KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD/ },
    {
      what: "a user whom the protocol does not send",
      env: { ...alice, KAFKA_SECURITY_PROTOCOL: "PLAINTEXT" },
      says: /set SASL_SSL or SASL_PLAINTEXT/,
    },
    {
      what: "a certificate that is not trusted",
      env: { ...alice, KAFKA_SECURITY_PROTOCOL: "SASL_SSL" },
      listener: secure,
      says: /KAFKA_SSL_CA_FILE/,
    },
    {
      what: "a CA file that is not there",
      env: { ...alice, ...tls, KAFKA_SSL_CA_FILE: join(dir, "none.pem") },
      listener: secure,
      says: /name a PEM file/,
    },
    { what: "TLS where none is spoken", env: { ...alice, ...tls }, says: /does not speak TLS there/ },
  ];
  for (const { what, env, listener, says } of wrong)
    test(`${what} is a settings error that says what to do, and shows no password`, async () => {
      const error = await open(env, listener).then(
        () => undefined,
        (e: unknown) => e as Error,
      );
      expect(error).toMatchObject({ name: "SettingsError", exitCode: 2, message: expect.stringMatching(says) });
      expect(JSON.stringify([error?.message, error?.cause, error?.stack])).not.toMatch(/alice-secre|carol-secret|mallory-secret/);
    });

  test("a client that does not authenticate where it must gets no answer, and is told of the protocol", async () => {
    await expect(open({ KAFKA_SECURITY_PROTOCOL: "PLAINTEXT" })).rejects.toMatchObject({
      name: "TransientError",
      message: expect.stringContaining("KAFKA_SECURITY_PROTOCOL"),
    });
  });

  test("is asked for its health behind the same login, and the release is told whatever the listener", async () => {
    expect(await health({ ...carol, ...tls, KAFKA_SASL_MECHANISM: "SCRAM-SHA-512" }, secure)).toMatchObject({
      state: "ok",
      version: "4.4",
    });
    expect(await health({ ...alice, KAFKA_SASL_MECHANISM: "PLAIN" }, sasl)).toMatchObject({ state: "ok", version: "4.4" });
    const refused = await health({ KAFKA_SASL_USERNAME: "alice", KAFKA_SASL_PASSWORD: "wrong-secret" }, sasl);
    expect(refused).toMatchObject({
      state: "down",
      found: expect.stringContaining("check KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD") as string,
    });
    expect(JSON.stringify(refused)).not.toContain("wrong-secret");
    const untrusted = await health({ ...alice, KAFKA_SECURITY_PROTOCOL: "SASL_SSL" }, secure);
    expect(untrusted).toMatchObject({ state: "down", found: expect.stringContaining("KAFKA_SSL_CA_FILE") as string });
  });
});
