import { fileURLToPath } from "node:url";
import { Metadata, type Client, type ClientReadableStream } from "@grpc/grpc-js";
import { loadSync, type MessageTypeDefinition, type ServiceDefinition } from "@grpc/proto-loader";

export interface Relation {
  common?: { plan_id: number };
  sql?: { query: string };
  read?: { data_source: DataSource };
  project?: { input: Relation; expressions: readonly ({ unresolved_star: object } | { expression_string: { expression: string } })[] };
  subquery_alias?: { input: Relation; alias: string };
  with_relations?: { root: Relation; references: readonly Relation[] };
}

/** What Spark's `DataFrameReader` takes. */
export interface DataSource {
  format: "text" | "csv" | "parquet";
  schema?: string;
  options?: Readonly<Record<string, string>>;
  paths: readonly string[];
}

export interface Command {
  sql_command?: { input: Relation };
  create_dataframe_view?: { input: Relation; name: string; is_global: false; replace: true };
  write_operation?: {
    input: Relation;
    source: "parquet";
    path: string;
    mode: "SAVE_MODE_ERROR_IF_EXISTS";
    partitioning_columns?: readonly string[];
    options?: Record<string, string>;
  };
}

export interface Plan {
  root?: Relation;
  command?: Command;
}

interface ErrorDetails {
  root_error_idx?: number;
  errors?: readonly {
    message?: string;
    cause_idx?: number;
    spark_throwable?: { error_class?: string; sql_state?: string };
  }[];
}

/** Requests beside the session's identity, and what is answered. */
export interface Unary {
  AnalyzePlan: [
    { explain: { plan: Plan; explain_mode: "EXPLAIN_MODE_COST" } } | { spark_version: object },
    { explain?: { explain_string: string }; spark_version?: { version: string } },
  ];
  Config: [
    { operation: { set: { pairs: readonly { key: string; value: string }[] } } | { get: { keys: readonly string[] } } },
    { server_side_session_id?: string },
  ];
  Interrupt: [{ interrupt_type: "INTERRUPT_TYPE_ALL" }, object];
  ReleaseSession: [object, object];
  FetchErrorDetails: [{ error_id: string }, ErrorDetails];
}

export interface ExecuteResponse {
  arrow_batch?: { data?: Buffer };
}

const loaded = loadSync(fileURLToPath(new URL("connect.proto", import.meta.url)), { keepCase: true, longs: Number, enums: String });
const methods = loaded["spark.connect.SparkConnectService"] as ServiceDefinition;

/** @throws gRPC's ServiceError */
export function callUnary<M extends keyof Unary>(
  client: Client,
  name: M,
  request: Unary[M][0],
  { metadata, seconds }: { metadata: Metadata; seconds: number },
): Promise<Unary[M][1]> {
  const { path, requestSerialize, responseDeserialize } = methods[name]!;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      (bytes) => responseDeserialize(bytes) as Unary[M][1],
      request,
      metadata,
      { deadline: Date.now() + seconds * 1000 },
      (error, value) => {
        if (error !== null) reject(error);
        else resolve(value ?? {});
      },
    );
  });
}

export function callExecute(client: Client, request: object, metadata: Metadata): ClientReadableStream<ExecuteResponse> {
  const { path, requestSerialize, responseDeserialize } = methods["ExecutePlan"]!;
  return client.makeServerStreamRequest(
    path,
    requestSerialize,
    (bytes) => responseDeserialize(bytes) as ExecuteResponse,
    request,
    metadata,
  );
}

export interface ErrorInfo {
  reason?: string;
  metadata?: Record<string, string>;
}

/** What `grpc-status-details-bin` holds: google.rpc.Status with an ErrorInfo among its details. */
export function decodeErrorInfo(status: Buffer): ErrorInfo | undefined {
  const { details } = message<{ details?: { type_url?: string; value?: Buffer }[] }>("Status").deserialize(status);
  const info = details?.find((detail) => detail.type_url?.endsWith("/google.rpc.ErrorInfo") === true);
  return info?.value === undefined ? undefined : message<ErrorInfo>("ErrorInfo").deserialize(info.value);
}

function message<T>(name: string): MessageTypeDefinition<object, T> {
  return loaded[`spark.connect.${name}`] as MessageTypeDefinition<object, object> as MessageTypeDefinition<object, T>;
}
