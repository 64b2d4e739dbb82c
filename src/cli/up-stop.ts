export interface Stop {
  readonly signal: AbortSignal;
  /** Aborted by a second SIGINT or SIGTERM: everything is to end at once. */
  readonly force: AbortSignal;
  stop(): void;
  /** 128 and the signal's number, once stopped by one. */
  exitCode(): number | undefined;
  dispose(): void;
}

const CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** npx hands on a Ctrl-C that the terminal has given us already, bash a SIGHUP: what comes so soon is still the first. */
const ONE_MS = 500;

/** Of a supervisor, which has processes to end before it ends itself: also when its terminal is closed. */
export function createStop(say: (text: string) => void): Stop {
  const gentle = new AbortController();
  const force = new AbortController();
  let began = 0;
  let code: number | undefined;
  const stop = (): void => {
    if (gentle.signal.aborted) return;
    began = performance.now();
    gentle.abort();
  };
  const handlers = Object.entries(CODES).map(([name, number]) => {
    const handler = (): void => {
      if (!gentle.signal.aborted) {
        code = number;
        say(`${name}: stopping all of it (again to end it at once)`);
        stop();
      } else if (name !== "SIGHUP" && performance.now() - began > ONE_MS) {
        say("ending all of it at once");
        force.abort();
      }
    };
    process.on(name, handler);
    return () => void process.off(name, handler);
  });
  return {
    signal: gentle.signal,
    force: force.signal,
    stop,
    exitCode: () => code,
    dispose: () => handlers.forEach((off) => off()),
  };
}
