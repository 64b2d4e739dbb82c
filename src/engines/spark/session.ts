import { Client, credentials, Metadata, status, type ClientReadableStream, type ServiceError } from "@grpc/grpc-js";
import type { Logger } from "../../core/context.ts";
import { ArachneError, describeError, SettingsError } from "../../core/errors.ts";
import { callExecute, callUnary, type Command, type ExecuteResponse, type Plan, type Relation, type Unary } from "./protocol.ts";
import type { Remote } from "./remote.ts";
import { faultOf, isServiceError, lost, plainMessage, policyOf, unreachable, type SparkFault } from "./spark-error.ts";

/** A session of ours on a Spark Connect server. */
export interface SparkSession extends AsyncDisposable {
  run(command: Command): Promise<void>;
  /** The result as Arrow IPC streams, one a batch. The next one is asked for when the last one has been taken. */
  batches(relation: Relation): AsyncIterable<Uint8Array>;
  /** Spark's own plan of a query with its estimates of size, as text. */
  explain(relation: Relation): Promise<string>;
}

export interface SessionOptions {
  remote: Remote;
  conf: Readonly<Record<string, string>>;
  /** Aborted: all that runs in the session ends, on the server too, and so does what is asked afterwards. */
  signal: AbortSignal | undefined;
  log: Logger | undefined;
  /** Seconds of silence after which a server that should be computing is asked whether it still lives, and what it gets to answer. */
  patience?: { silence: number; answer: number };
}

/** Seconds until a server counts as not there. */
const CONNECT_SECONDS = 20;
const PATIENCE = { silence: 30, answer: 60 };
const ANALYZE_SECONDS = 600;
const LEAVE_SECONDS = 10;

/**
 * @throws TransientError `spark_unreachable`, SettingsError `spark_refused`; then from every call `query_failed` (SparkError),
 * `aborted`, TransientError `spark_lost`, CriticalError `disk_full` and `out_of_memory`
 */
export async function openSession({ remote, conf, signal, log, patience = PATIENCE }: SessionOptions): Promise<SparkSession> {
  const { address } = remote;
  const metadata = new Metadata();
  for (const [name, value] of remote.headers) metadata.set(name, value);
  if (remote.token !== undefined) metadata.set("authorization", `Bearer ${remote.token}`);
  const client = new Client(address, remote.tls ? credentials.createSsl() : credentials.createInsecure(), {
    "grpc.max_receive_message_length": remote.maxMessageBytes,
    "grpc.max_send_message_length": remote.maxMessageBytes,
    "grpc.use_local_subchannel_pool": 1, // a shared one makes a new session wait out the backoff of an old one
  });
  const running = new Set<ClientReadableStream<ExecuteResponse>>();
  const identity: Record<string, unknown> = {
    session_id: remote.sessionId,
    user_context: { user_id: remote.userId, user_name: remote.userId },
    client_type: remote.userAgent,
  };
  let stopping: Promise<void> | undefined;

  const call = <M extends keyof Unary>(name: M, request: Unary[M][0], seconds: number): Promise<Unary[M][1]> =>
    callUnary(client, name, { ...identity, ...request }, { metadata, seconds });

  async function explained(error: unknown): Promise<unknown> {
    if (signal?.aborted === true) return aborted(error);
    if (!isServiceError(error)) return error;
    return policyOf(error, await detailed(faultOf(error)), address);
  }

  /** Trailers hold a shortened message of the outermost error; what went wrong often stands in a cause. */
  async function detailed(fault: SparkFault): Promise<SparkFault> {
    if (fault.errorId === undefined) return fault;
    try {
      const { errors = [], root_error_idx } = await call("FetchErrorDetails", { error_id: fault.errorId }, LEAVE_SECONDS);
      const chain: (typeof errors)[number][] = [];
      for (let at = root_error_idx; at !== undefined && chain.length < errors.length; at = errors[at]?.cause_idx) {
        const error = errors[at];
        if (error === undefined) break;
        chain.push(error);
      }
      const named = chain.findLast((e) => e.spark_throwable?.error_class !== undefined)?.spark_throwable;
      const messages = chain
        .map((e) => plainMessage(e.message ?? ""))
        .filter((text, i, all) => text !== "" && !all.slice(0, i).some((m) => m.includes(text)));
      return {
        message: messages.length === 0 ? fault.message : messages.join(": "),
        errorClass: named?.error_class ?? fault.errorClass,
        sqlState: named?.sql_state ?? fault.sqlState,
      };
    } catch (error) {
      log?.debug("spark: no details of an error", { error: describeError(error) });
      return fault;
    }
  }

  async function analyze(request: Unary["AnalyzePlan"][0]): Promise<Unary["AnalyzePlan"][1]> {
    if (signal?.aborted === true) throw aborted();
    try {
      return await call("AnalyzePlan", request, ANALYZE_SECONDS);
    } catch (error) {
      throw await explained(error);
    }
  }

  async function* execute(plan: Plan): AsyncGenerator<Uint8Array> {
    if (signal?.aborted === true) throw aborted();
    const stream = callExecute(client, { ...identity, plan }, metadata);
    running.add(stream);
    const responses = stream[Symbol.asyncIterator]() as AsyncIterator<ExecuteResponse>;
    try {
      for (;;) {
        const { value, done } = await alive(responses.next());
        if (done === true) return;
        const data = value.arrow_batch?.data;
        if (data !== undefined) yield data;
      }
    } catch (error) {
      throw await explained(error);
    } finally {
      stream.cancel();
      running.delete(stream);
    }
  }

  /** The answer, or an error when the server falls silent for good: a machine that lost its power closes no connection. */
  async function alive<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const silent = new Promise<never>((_, reject) => {
      timer = setInterval(() => {
        call("Config", { operation: { get: { keys: [] } } }, patience.answer).catch((error: unknown) => {
          const { code } = error as Partial<ServiceError>;
          if (code === status.DEADLINE_EXCEEDED || code === status.UNAVAILABLE) reject(lost(address, error));
        });
      }, patience.silence * 1000);
    });
    try {
      return await Promise.race([answer, silent]);
    } finally {
      clearInterval(timer);
    }
  }

  /** A call that is cancelled ends its query too, where no proxy keeps it open; this ends all of the session. */
  async function interrupt(): Promise<void> {
    try {
      await call("Interrupt", { interrupt_type: "INTERRUPT_TYPE_ALL" }, LEAVE_SECONDS);
    } catch (error) {
      log?.warn("spark: the server did not take the order to stop", { error: describeError(error) });
    }
    for (const stream of running) stream.cancel();
  }
  const onAbort = (): void => void (stopping = interrupt());

  async function close(): Promise<void> {
    signal?.removeEventListener("abort", onAbort);
    await stopping;
    try {
      await call("ReleaseSession", {}, LEAVE_SECONDS);
    } catch (error) {
      log?.debug("spark: the session was not released", { error: describeError(error) });
    }
    for (const stream of running) stream.cancel();
    client.close();
  }

  const leave = (): void => client.close(); // the call that connects fails then
  signal?.addEventListener("abort", leave);
  try {
    if (signal?.aborted === true) throw aborted();
    const pairs = Object.entries(conf).map(([key, value]) => ({ key, value }));
    const { server_side_session_id } = await call("Config", { operation: { set: { pairs } } }, CONNECT_SECONDS);
    // A server that was restarted would open a new session under our id, without our settings and views: now it refuses.
    identity["client_observed_server_side_session_id"] = server_side_session_id;
  } catch (error) {
    client.close();
    if (signal?.aborted === true) throw aborted(error);
    if (isServiceError(error) && (error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED))
      throw unreachable(address, error);
    throw isServiceError(error) ? policyOf(error, faultOf(error), address) : error;
  } finally {
    signal?.removeEventListener("abort", leave);
  }
  signal?.addEventListener("abort", onAbort);
  const session: SparkSession = {
    async run(command) {
      for await (const _ of execute({ command })); // a command's result says nothing that we need
    },
    batches: (relation) => execute({ root: relation }),
    async explain(relation) {
      const { explain } = await analyze({ explain: { plan: { root: relation }, explain_mode: "EXPLAIN_MODE_COST" } });
      return explain?.explain_string ?? "";
    },
    [Symbol.asyncDispose]: close,
  };
  try {
    const { spark_version } = await analyze({ spark_version: {} });
    const version = spark_version?.version ?? "";
    // What sources are read with came with it: VARIANT, is_valid_utf8.
    if (!(Number.parseInt(version, 10) >= 4))
      throw new SettingsError("spark_version", `spark: ${address} runs Spark ${version}: 4.0 or later is needed`);
    log?.debug("spark: connected", { address, version });
    return session;
  } catch (error) {
    await close();
    throw error;
  }
}

function aborted(cause?: unknown): ArachneError {
  return new ArachneError("aborted", "spark: stopped", { cause });
}
