/**
 * The error's class is the policy: what a caller does about it follows from which subclass it is, never from its text.
 * Messages read `<part>: <action> <object>: <what to do>`; `code` is stable and safe to match on.
 */
export class ArachneError extends Error {
  readonly code: string;
  /** What the process exits with when this error ends a command. */
  readonly exitCode: number = 1;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** Worth trying again after a pause: a time-out, a 503, a busy file. */
export class TransientError extends ArachneError {
  /** What the other side asked us to wait (Retry-After), in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, options?: { cause?: unknown; retryAfterMs?: number | undefined }) {
    super(code, message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** This one thing can never succeed (a poison message, a 404, a body over the limit): set it aside with its reason, go on. */
export class RejectedError extends ArachneError {}

/** The user's input is wrong (settings, arguments, names): nothing was started. */
export class SettingsError extends ArachneError {
  override readonly exitCode = 2;
}

/** Going on would lose or corrupt data (disk full, torn journal): stop now, a later run resumes. */
export class CriticalError extends ArachneError {}

/** The text of any thrown value, with its causes, on one line. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  for (let e: unknown = error; e !== undefined && e !== null && parts.length < 5; e = e instanceof Error ? e.cause : undefined) {
    const text = (e instanceof Error ? e.message || e.name : typeof e === "string" ? e : JSON.stringify(e)).replace(/\s+/g, " ").trim();
    const said = text.replace(/^[a-z]+: /, ""); // `duckdb: …`: what a part puts before the words of another
    if (!parts.some((p) => p.includes(said) || repeats(p, text))) parts.push(text);
  }
  return parts.join(": ");
}

/** Whether a gRPC status (`14 UNAVAILABLE: No connection established. Last error: …`) has been said without what transport puts around it. */
function repeats(said: string, text: string): boolean {
  const details = /^\d{1,2} [A-Z_]+: (.+)$/.exec(text)?.[1];
  if (details === undefined) return false;
  const error = /Last error: (?:Error: )?(.*?)\.? *(?:Resolution note:.*)?$/.exec(details)?.[1] ?? details;
  // Its codes are what an adapter keeps when it shortens the words between them.
  const codes = error.match(/\b(?:E[A-Z]{4,}|[A-Z]+(?:[_.][A-Z\d]+)+)\b/g) ?? [];
  return said.includes(error) || (codes.length > 0 && codes.every((code) => said.includes(code)));
}
