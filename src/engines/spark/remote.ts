import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { SettingsError } from "../../core/errors.ts";

/** What a connection string says; see `parseRemote`. */
export interface Remote {
  /** `host:port`: for gRPC and for messages, without secrets. */
  readonly address: string;
  readonly tls: boolean;
  readonly token: string | undefined;
  readonly userId: string;
  readonly userAgent: string;
  readonly sessionId: string;
  readonly maxMessageBytes: number;
  /** Parameters that the specification does not know go along as headers, as in Spark's own clients. */
  readonly headers: readonly (readonly [string, string])[];
}

const DEFAULT_PORT = 15002;
const FORM = "sc://host:15002/;use_ssl=true;token=…;user_id=…";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Reads `sc://host:port/;name=value;…` (apache/spark, sql/connect/docs/client-connection-string.md). A token asks for TLS; without it,
 * it may only go to this machine.
 * @throws SettingsError `spark_remote`, which never shows the string itself: there may be a token in it
 */
export function parseRemote(text: string): Remote {
  const found = /^sc:\/\/(\[[0-9a-fA-F:.]+\]|[^\s:/;@[\]]+)(?::(\d+))?(?:\/(?:;(.*))?|;(.*))?$/.exec(text.trim());
  if (found === null) throw refuse(`it must read ${FORM}`);
  const [, host = "", portText, afterSlash, bare] = found;
  const port = portText === undefined ? DEFAULT_PORT : Number(portText);
  if (port < 1 || port > 65_535) throw refuse(`its port must be between 1 and 65535, is ${port}`);
  const { token, use_ssl, user_id, user_agent, session_id, grpc_max_message_size, ...others } = parameters(afterSlash ?? bare ?? "");

  if (use_ssl !== undefined && use_ssl !== "true" && use_ssl !== "false") throw refuse("use_ssl must be true or false");
  const tls = use_ssl === undefined ? token !== undefined : use_ssl === "true";
  if (token !== undefined && !tls && !LOOPBACK.test(host))
    throw refuse(`its token would go to ${host} in the clear: leave use_ssl=false out`);
  if (session_id !== undefined && !UUID.test(session_id)) throw refuse("session_id must be a UUID");
  const maxMessageBytes = Number(grpc_max_message_size ?? 128 * 1024 * 1024);
  if (!Number.isInteger(maxMessageBytes) || maxMessageBytes < 1) throw refuse("grpc_max_message_size must be a number of bytes");
  return {
    address: `${host}:${port}`,
    tls,
    token,
    userId: user_id ?? userName(),
    userAgent: user_agent ?? "arachne",
    sessionId: session_id ?? randomUUID(),
    maxMessageBytes,
    headers: Object.entries(others),
  };
}

function parameters(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of text.split(";")) {
    if (part === "") continue;
    const at = part.indexOf("=");
    const name = at < 1 ? part : part.slice(0, at);
    if (at < 1 || !/^[A-Za-z0-9_.-]+$/.test(name)) throw refuse(`its parameters must read ;name=value, as in ${FORM}`);
    if (name in found) throw refuse(`it has ${name} twice`);
    try {
      found[name] = decodeURIComponent(part.slice(at + 1));
    } catch (cause) {
      throw refuse(`the value of ${name} is not percent-encoded text`, cause);
    }
    if (found[name] === "") throw refuse(`${name} has no value`);
  }
  return found;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "arachne"; // a container's user may have no name
  }
}

function refuse(why: string, cause?: unknown): SettingsError {
  return new SettingsError("spark_remote", `SPARK_REMOTE: ${why}`, cause === undefined ? {} : { cause });
}
