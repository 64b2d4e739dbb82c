import { types } from "node:util";
import { createContext, Script, type Context } from "node:vm";
import { describeError, RejectedError } from "../core/errors.ts";

/** Runs pieces of JavaScript one after the other; what one declares the next ones see. */
export interface ScriptRunner {
  /** Whether it is whole: an open bracket means that more lines belong to it. */
  isWhole(code: string): boolean;
  /** The value of its last expression, awaited. @throws RejectedError with what it threw, on one line */
  run(code: string): Promise<unknown>;
}

const GLOBALS = { console, URL, URLSearchParams, TextDecoder, Buffer, setTimeout };

/** `scope`: the names it may use, getters among them. */
export function createScriptRunner(scope: object): ScriptRunner {
  const context: Context = createContext(Object.defineProperties({ ...GLOBALS }, Object.getOwnPropertyDescriptors(scope)));
  return {
    isWhole: (code) => compile(code) !== undefined,
    async run(code) {
      try {
        const script = compile(code) ?? new Script(code, { filename: "shell" });
        return (await script.runInContext(context)) as unknown;
      } catch (cause) {
        throw new RejectedError("script", `shell: ${code.trim()}: ${describeThrown(cause)}`, { cause: toError(cause) });
      }
    },
  };
}

/** As an object literal where it begins with a brace; as it stands; or in an async function, for an `await` in an expression. */
function compile(code: string): Script | undefined {
  const readings = [...(/^\s*\{/.test(code) ? [`(${code}\n)`] : []), code, `(async () => (${code}\n))()`];
  for (const reading of readings) {
    try {
      return new Script(reading, { filename: "shell" });
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

/** What scripts throw, on one line. */
export function describeThrown(thrown: unknown): string {
  return describeError(toError(thrown));
}

/** A context's own errors (its ReferenceError, …) are not instances of this one's Error. */
function toError(thrown: unknown): unknown {
  return types.isNativeError(thrown) && !(thrown instanceof Error) ? new Error(String(thrown)) : thrown;
}
