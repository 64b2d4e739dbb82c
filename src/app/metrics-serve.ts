import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Context } from "../core/context.ts";
import { describeError, SettingsError } from "../core/errors.ts";
import { createLagReader } from "./metrics-lag.ts";
import { metricsText } from "./metrics-text.ts";
import type { AnnouncedProcess } from "./process-state.ts";
import type { Project } from "./project.ts";

export interface MetricsServerOptions extends Pick<Context, "settings" | "log" | "now"> {
  /** On 127.0.0.1; 0: any that is free. */
  port: number;
  project: Project;
  /** This process, where it has announced itself. */
  own?: AnnouncedProcess | undefined;
}

export interface MetricsServer extends AsyncDisposable {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `/metrics` for the whole project, to this machine only, until it is closed.
 * @throws SettingsError `metrics_port` when the port cannot be had
 */
export async function serveMetrics({ port, project, settings, log, now, own }: MetricsServerOptions): Promise<MetricsServer> {
  const lags = createLagReader({ project, settings, log, now });
  /** Several who ask at once get one answer. */
  let answering: ReturnType<typeof metricsText> | undefined;

  async function answer(response: ServerResponse): Promise<void> {
    try {
      answering ??= metricsText({ settings, now, lags, own }).finally(() => (answering = undefined));
      const { text, contentType } = await answering;
      response.writeHead(200, { "content-type": contentType }).end(text);
    } catch (error) {
      log.warn("metrics: cannot be read", { error: describeError(error) });
      response.writeHead(500, { "content-type": "text/plain" }).end("the metrics cannot be read: the log says why\n");
    }
  }

  const server = createServer((request, response) => {
    const path = request.url?.split("?", 1)[0];
    if (request.method !== "GET" && request.method !== "HEAD") response.writeHead(405, { allow: "GET, HEAD" }).end();
    else if (path === "/metrics") void answer(response);
    else response.writeHead(404, { "content-type": "text/plain" }).end("the metrics are at /metrics\n");
  });
  await listen(server, port);
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections(); // Prometheus keeps its own open
    await closed;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`, close, [Symbol.asyncDispose]: close };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const why = (cause as NodeJS.ErrnoException).code === "EADDRINUSE" ? "another process listens there" : describeError(cause);
      reject(
        new SettingsError("metrics_port", `metrics: listening on 127.0.0.1:${port}: ${why}: set METRICS_PORT to a free port`, { cause }),
      );
    });
    server.listen(port, "127.0.0.1", () => resolve());
  });
}
