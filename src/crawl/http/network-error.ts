import { ArachneError, RejectedError, TransientError } from "../../core/errors.ts";

type Kind = readonly [code: string, text: string];

/**
 * What may heal by itself. A name that is not found is among them: an offline machine sees just that, and rejecting would
 * empty a whole frontier during a network hiccup; the price is RETRY_TIMES look-ups for a dead domain.
 */
const TRANSIENT: Readonly<Record<string, Kind>> = {
  ECONNREFUSED: ["connection_refused", "connection refused: is the site up?"],
  ECONNRESET: ["connection_reset", "the site closed the connection"],
  ECONNABORTED: ["connection_reset", "the connection was aborted"],
  EPIPE: ["connection_reset", "the site closed the connection"],
  UND_ERR_SOCKET: ["connection_reset", "the site closed the connection before the answer was whole"],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ["connection_reset", "the answer was shorter than announced"],
  UND_ERR_CONNECT_TIMEOUT: ["timeout", "no connection in time: is the site up? Else raise DOWNLOAD_TIMEOUT"],
  ETIMEDOUT: ["timeout", "no connection in time: is the site up? Else raise DOWNLOAD_TIMEOUT"],
  UND_ERR_HEADERS_TIMEOUT: ["timeout", "no answer in time: raise DOWNLOAD_TIMEOUT or crawl more slowly"],
  UND_ERR_BODY_TIMEOUT: ["timeout", "the answer stalled: raise DOWNLOAD_TIMEOUT or crawl more slowly"],
  EHOSTUNREACH: ["unreachable", "no route to the site: check the network"],
  ENETUNREACH: ["unreachable", "no route to the site: check the network"],
  ENETDOWN: ["unreachable", "the network is down"],
  EADDRNOTAVAIL: ["unreachable", "no local port or address is free: lower CONCURRENT_REQUESTS"],
  EMFILE: ["too_many_files", "too many open files: lower CONCURRENT_REQUESTS or raise ulimit -n"],
  EAI_AGAIN: ["dns_temporary", "the name could not be resolved just now: check the network"],
  ESERVFAIL: ["dns_temporary", "the name server failed"],
  ENOTFOUND: ["dns_not_found", "there is no such host: check the name, or the network"],
  ENODATA: ["dns_not_found", "the host has no address: check the name"],
  EPROTO: ["tls", "the TLS handshake failed"],
};

const REJECTED: Readonly<Record<string, Kind>> = {
  UND_ERR_HEADERS_OVERFLOW: ["bad_http", "the answer's headers are too large"],
  HPE_HEADER_OVERFLOW: ["bad_http", "the answer's headers are too large"],
  UND_ERR_INVALID_ARG: ["bad_request", "the request cannot be sent: check its URL and headers"],
  UND_ERR_NOT_SUPPORTED: ["bad_request", "the request cannot be sent: check its method and headers"],
};

const CERTIFICATE = /^(?:CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|UND_ERR_PRX_TLS)/;

/** Any failure of one exchange as an error whose class says what to do. `url` stands in the message. */
export function downloadError(error: unknown, url: string): ArachneError {
  if (error instanceof ArachneError) return error;
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const say = (text: string): string => `download: ${url}: ${text}`;
  const options = { cause: error };
  const transient = TRANSIENT[code];
  if (transient !== undefined) return new TransientError(transient[0], say(transient[1]), options);
  if (text.startsWith("Proxy Authentication")) return proxyError(url, text, error);
  const rejected = REJECTED[code];
  if (rejected !== undefined) return new RejectedError(rejected[0], say(rejected[1]), options);
  if (CERTIFICATE.test(code)) return new RejectedError("tls_certificate", say("its certificate is not valid for it"), options);
  if (code.startsWith("HPE_") || (error instanceof Error && error.name === "HTTPParserError"))
    return new RejectedError("bad_http", say("the answer is not HTTP"), options);
  if (code === "UND_ERR_DESTROYED" || code === "UND_ERR_CLOSED") return stoppedError(url);
  if (code === "UND_ERR_ABORTED" && text.includes("Tunneling")) return proxyError(url, text, error);
  return new TransientError("network", say(text.replace(/\s+/g, " ")), options);
}

/** The proxy would not open a tunnel. 407 and 403 are its settings; anything else is about the site behind it, and may pass. */
function proxyError(url: string, text: string, cause: unknown): ArachneError {
  const status = /\((\d+)\)/.exec(text)?.[1] ?? "?";
  const message = `download: ${url}: the proxy answered ${status}: check HTTP_PROXY`;
  return status === "407" || status === "403"
    ? new RejectedError("proxy_refused", message, { cause })
    : new TransientError("proxy", message, { cause });
}

/** The run is stopping; the request is as good as never sent. */
export function stoppedError(url: string): TransientError {
  return new TransientError("stopped", `download: ${url}: the run is stopping: the next run asks again`);
}

/** The code of an error or, where it has none, of what caused it. Happy Eyeballs' AggregateError carries its first attempt's. */
function codeOf(error: unknown): string {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if ("code" in e && typeof e.code === "string") return e.code;
    if (e instanceof AggregateError && e.errors.length > 0) return codeOf(e.errors[0]);
  }
  return "";
}
