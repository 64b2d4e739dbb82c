import { status, type ServiceError } from "@grpc/grpc-js";
import { ArachneError, CriticalError, SettingsError, TransientError } from "../../core/errors.ts";
import { decodeErrorInfo } from "./protocol.ts";

/** What Spark says of an error, from `grpc-status-details-bin` and FetchErrorDetails. */
export interface SparkFault {
  message: string;
  /** For example UNRESOLVED_COLUMN.WITH_SUGGESTION. */
  errorClass?: string | undefined;
  sqlState?: string | undefined;
  /** To ask for the details with. */
  errorId?: string | undefined;
}

/** `query_failed` as every engine's, with Spark's error class and SQLSTATE beside its words. */
class SparkError extends ArachneError {
  readonly errorClass: string | undefined;
  readonly sqlState: string | undefined;

  constructor({ message, errorClass, sqlState }: SparkFault, cause: unknown) {
    const named = errorClass === undefined || message.includes(`[${errorClass}]`) ? message : `[${errorClass}] ${message}`;
    const full = sqlState === undefined || named.includes(sqlState) ? named : `${named} SQLSTATE: ${sqlState}`;
    super("query_failed", `spark: ${full}`, { cause });
    this.errorClass = errorClass;
    this.sqlState = sqlState;
  }
}

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && typeof error.code === "number" && "details" in error;
}

/** What stands in the trailers of a call that failed. */
export function faultOf(error: ServiceError): SparkFault {
  const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
  const info = bytes instanceof Buffer ? decodeErrorInfo(bytes) : undefined;
  const { errorClass, sqlState, errorId } = info?.metadata ?? {};
  return { message: plainMessage(error.details || error.message), errorClass, sqlState, errorId };
}

/** Without the plan, the query and the parser's settings that Spark adds over many lines. */
export function plainMessage(text: string): string {
  const [message = ""] = text.trim().split(/;?\n(?:== SQL|Parse Mode:|Internal state|Parser Configuration:|Driver stacktrace|'|\+-)/, 1);
  return message.replace(/\s+/g, " ").trim();
}

/** The error's class is its policy: a server that cannot be reached may be there again later, one that refuses us will not. */
export function policyOf(error: ServiceError, fault: SparkFault, address: string): ArachneError {
  const { message, errorClass } = fault;
  const refused = (why: string) => new SettingsError("spark_refused", `spark: ${address} ${why}`, { cause: error });
  switch (error.code) {
    case status.UNAVAILABLE:
    case status.DEADLINE_EXCEEDED:
    case status.CANCELLED:
      return lost(address, error);
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
      return refused(`refuses us (${message}): check the token in SPARK_REMOTE`);
    case status.UNIMPLEMENTED:
      return refused("is no Spark Connect server of version 4: name one in SPARK_REMOTE");
  }
  if (errorClass?.startsWith("INVALID_HANDLE.SESSION") === true)
    return new TransientError("spark_lost", `spark: ${address} has forgotten our session, as after a restart: run again`, { cause: error });
  if (/No space left on device/i.test(message))
    return new CriticalError("disk_full", `spark: the disk of ${address} is full: free some space, then run again`, { cause: error });
  if (/OutOfMemoryError|UNABLE_TO_ACQUIRE_MEMORY|exit code 137/i.test(message))
    return new CriticalError(
      "out_of_memory",
      `spark: the memory of ${address} does not do (${message}): give Spark's driver and executors more`,
      {
        cause: error,
      },
    );
  return new SparkError(fault, error);
}

export function unreachable(address: string, error: ServiceError): ArachneError {
  const reason =
    error.code === status.DEADLINE_EXCEEDED
      ? "no answer"
      : (/Last error: (?:Error: )?(.*?)\.? *(?:Resolution note:.*)?$/s.exec(error.details)?.[1] ?? error.details);
  return new TransientError(
    "spark_unreachable",
    `spark: cannot reach ${address} (${reason}): start the Spark Connect server there, or correct SPARK_REMOTE`,
    { cause: error },
  );
}

export function lost(address: string, cause: unknown): ArachneError {
  return new TransientError("spark_lost", `spark: ${address} went away in the middle of a query: see its log, then run again`, { cause });
}
