import { randomUUID } from "node:crypto";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { callUnary } from "./protocol.ts";
import { parseRemote } from "./remote.ts";
import { faultOf, isServiceError, policyOf, unreachable } from "./spark-error.ts";
import { status } from "@grpc/grpc-js";

export interface SparkLook {
  /** host:port */
  readonly address: string;
  readonly version: string;
}

/**
 * Asks a Spark Connect server for its version, in a session of its own that is given back.
 * @throws SettingsError `spark_remote`, `spark_refused`; TransientError `spark_unreachable`
 */
export async function lookAtSpark(remoteText: string, seconds: number): Promise<SparkLook> {
  const remote = parseRemote(remoteText);
  const metadata = new Metadata();
  for (const [name, value] of remote.headers) metadata.set(name, value);
  if (remote.token !== undefined) metadata.set("authorization", `Bearer ${remote.token}`);
  const client = new Client(remote.address, remote.tls ? credentials.createSsl() : credentials.createInsecure());
  const identity = {
    session_id: randomUUID(),
    user_context: { user_id: remote.userId, user_name: remote.userId },
    client_type: remote.userAgent,
  };
  try {
    const answer = await callUnary(client, "AnalyzePlan", { ...identity, spark_version: {} }, { metadata, seconds });
    await callUnary(client, "ReleaseSession", identity, { metadata, seconds: 1 }).catch(() => undefined); // it would expire by itself
    return { address: remote.address, version: answer.spark_version?.version ?? "" };
  } catch (error) {
    if (!isServiceError(error)) throw error;
    if (error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED) throw unreachable(remote.address, error);
    throw policyOf(error, faultOf(error), remote.address);
  } finally {
    client.close();
  }
}
