import type { Dispatcher } from "undici";
import { TransientError } from "../../core/errors.ts";
import { tooLarge } from "./decompress.ts";
import { downloadError, stoppedError } from "./network-error.ts";

/** One answer as it came over the wire: not decompressed, no redirect followed. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly setCookie: readonly string[];
  readonly body: Buffer;
  /** From handing the request to its socket until the headers were here. */
  readonly latencyMs: number;
}

export interface ExchangeOptions {
  readonly dispatcher: Dispatcher;
  readonly request: Dispatcher.DispatchOptions;
  /** For messages. */
  readonly url: string;
  /** Bytes on the wire; 0: no bound. */
  readonly maxBytes: number;
  /** For all of it: connecting, waiting, reading; 0: no bound. */
  readonly timeoutMs: number;
}

const NO_COOKIES: readonly string[] = [];

/**
 * One request on undici's lowest layer, `dispatch`: a stream, a response object and a promise for the body would cost as much
 * again as the request. One timer bounds the whole exchange (undici's own, a pair a request, are switched off).
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<Answer>;
  readonly #options: ExchangeOptions;
  readonly #chunks: Buffer[] = [];
  readonly #timer: NodeJS.Timeout | undefined;
  #resolve!: (answer: Answer) => void;
  #reject!: (error: Error) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #startedAt: number;
  #status = 0;
  #headers: Record<string, string> = {};
  #setCookie = NO_COOKIES;
  #size = 0;
  #latencyMs = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#startedAt = performance.now();
    if (options.timeoutMs > 0) this.#timer = setTimeout(onTimeout, options.timeoutMs, this);
    try {
      options.dispatcher.dispatch(options.request, this);
    } catch (error) {
      this.abort(downloadError(error, options.url));
    }
  }

  /** Ends it with this error; the socket goes with it. No effect once it has ended. */
  abort(error: Error): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error);
    this.#chunks.length = 0;
    this.#controller?.abort(error);
  }

  /** Ends it because the run is stopping. */
  stop(): void {
    this.abort(stoppedError(this.#options.url));
  }

  timedOut(): void {
    const seconds = this.#options.timeoutMs / 1000;
    const phase = this.#controller === undefined ? "for a connection" : this.#status === 0 ? "for an answer" : "for the rest of the body";
    const what = `waited ${seconds} s ${phase}: raise DOWNLOAD_TIMEOUT or crawl more slowly`;
    this.abort(new TransientError("timeout", `download: ${this.#options.url}: ${what}`));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Given up while it was waiting for a connection: there was nothing to abort then.
    if (this.#settled) controller.abort(new Error("given up"));
    else this.#startedAt = performance.now();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#latencyMs = performance.now() - this.#startedAt;
    this.#status = status;
    for (const name in headers) {
      const value = headers[name];
      if (typeof value === "string") this.#headers[name] = value;
      else if (value !== undefined) this.#headers[name] = value.join(", ");
    }
    const cookies = headers["set-cookie"];
    if (cookies !== undefined) this.#setCookie = typeof cookies === "string" ? [cookies] : cookies;
    const { maxBytes, request, url } = this.#options;
    if (maxBytes > 0 && request.method !== "HEAD" && Number(headers["content-length"]) > maxBytes) this.abort(tooLarge(url, maxBytes));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#size += chunk.length;
    const { maxBytes, url } = this.#options;
    if (maxBytes > 0 && this.#size > maxBytes) this.abort(tooLarge(url, maxBytes));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    this.#settle();
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#size);
    this.#resolve({ status: this.#status, headers: this.#headers, setCookie: this.#setCookie, body, latencyMs: this.#latencyMs });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.abort(downloadError(error, this.#options.url));
  }

  #settle(): void {
    this.#settled = true;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
  }
}

function onTimeout(exchange: Exchange): void {
  exchange.timedOut();
}
