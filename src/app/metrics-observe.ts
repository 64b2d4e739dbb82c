import type { Settings } from "../core/settings.ts";
import { serveMetrics, type MetricsServer } from "./metrics-serve.ts";
import { announceProcess, readProcesses, type ProcessAnnouncement } from "./process-state.ts";
import type { Project } from "./project.ts";

export interface ObservedProcess extends AsyncDisposable {
  /** Tells the others now how it is, not within 2 seconds. */
  update(): Promise<void>;
  close(): Promise<void>;
}

const AGAIN_MS = 5_000;

/**
 * Announces this process to the project's others, and serves /metrics under METRICS_PORT. One process is enough for that: while another has the
 * port this one does its work all the same, and takes over when it is free.
 */
export function observeProcess(o: Omit<ProcessAnnouncement, "settings"> & { settings: Settings; project: Project }): ObservedProcess {
  const { project, settings, log, now } = o;
  const announced = announceProcess(o);
  let server: MetricsServer | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let told = false;

  async function serve(port: number): Promise<void> {
    try {
      server = await serveMetrics({ port, project, settings, log, now, own: announced });
      announced.serves(port);
      log.info(`metrics: ${server.url}`);
    } catch (error) {
      if (!told) tell(port, error);
      told = true;
      if (!closed) timer = setTimeout(() => void (serving = serve(port)), AGAIN_MS).unref();
    }
  }

  function tell(port: number, error: unknown): void {
    const other = readProcesses(settings, now()).find(({ metricsPort }) => metricsPort === port);
    if (other === undefined) log.warn(`${(error as Error).message}; the work goes on, and what it measures is in \`arachne metrics\``);
    else log.debug(`metrics: ${other.kind} ${other.name} (process ${other.pid}) serves them at port ${port}`);
  }

  let serving = settings.METRICS_PORT === undefined ? Promise.resolve() : serve(settings.METRICS_PORT);

  async function close(): Promise<void> {
    closed = true;
    clearTimeout(timer);
    await announced.close();
    await serving;
    await server?.close();
  }

  return { update: () => announced.update(), close, [Symbol.asyncDispose]: close };
}
