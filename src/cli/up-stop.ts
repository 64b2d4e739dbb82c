export interface Stop {
  readonly signal: AbortSignal;
  /** Aborted by a second signal: everything is to end at once. */
  readonly force: AbortSignal;
  stop(): void;
  /** 128 and the signal's number, once stopped by one. */
  exitCode(): number | undefined;
  dispose(): void;
}

const CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Of a supervisor, which has processes to end before it ends itself: also when its terminal is closed. */
export function createStop(say: (text: string) => void): Stop {
  const gentle = new AbortController();
  const force = new AbortController();
  let code: number | undefined;
  const handlers = Object.entries(CODES).map(([name, number]) => {
    const handler = (): void => {
      if (gentle.signal.aborted) {
        say("ending all of it at once");
        return force.abort();
      }
      code = number;
      say(`${name}: stopping all of it (again to end it at once)`);
      gentle.abort();
    };
    process.on(name, handler);
    return () => void process.off(name, handler);
  });
  return {
    signal: gentle.signal,
    force: force.signal,
    stop: () => gentle.abort(),
    exitCode: () => code,
    dispose: () => handlers.forEach((off) => off()),
  };
}
