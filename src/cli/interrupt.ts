import type { Logger } from "../core/context.ts";
import { reportReady } from "./up-child.ts";

export interface Interrupt {
  readonly signal: AbortSignal;
  /** 130 or 143 once stopped by SIGINT or SIGTERM. */
  exitCode(): number | undefined;
  dispose(): void;
}

const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** npx hands on a Ctrl-C that the terminal has given us already: what comes so soon is still the first. */
const ONE_MS = 500;

/** The first SIGINT or SIGTERM asks the run to stop cleanly; a second one ends the process at once, which loses nothing either. */
export function createInterrupt(log: Logger): Interrupt {
  const controller = new AbortController();
  let code: number | undefined;
  let began = 0;
  const stop = (name: keyof typeof CODES): void => {
    if (code !== undefined && performance.now() - began < ONE_MS) return;
    if (code !== undefined) process.exit(CODES[name]);
    code = CODES[name];
    began = performance.now();
    log.info(`${name}: stopping (again to stop at once)`);
    controller.abort();
  };
  const handlers = Object.keys(CODES).map((name) => {
    const handler = (): void => stop(name as keyof typeof CODES);
    process.on(name, handler);
    return () => void process.off(name, handler);
  });
  reportReady();
  return {
    signal: controller.signal,
    exitCode: () => code,
    dispose: () => handlers.forEach((off) => off()),
  };
}
