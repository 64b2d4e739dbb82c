/**
 * Half of a surrogate pair, which is what a site's cut through an emoji leaves, has no UTF-8: JSON.stringify spells it as an escape that
 * engines and servers take for a broken file. It becomes U+FFFD wherever items are written or read, so that all layers hold the same text.
 */

const HALF = /\p{Surrogate}/gu;
/** An escape in JSON text that may be one; whole pairs may be written so, too. */
const ESCAPE = /\\ud[89a-f]/i;

/** As JSON.stringify, well-formed. */
export function stringifyWellFormed(value: object): string {
  const text = JSON.stringify(value);
  return text.includes("\\ud") ? JSON.stringify(value, mended) : text;
}

/** As JSON.parse, with well-formed texts. @throws SyntaxError */
export function parseWellFormed(text: string): unknown {
  // Most texts have no escapes at all, which is told far sooner.
  return text.includes("\\u") && ESCAPE.test(text) ? JSON.parse(text, mended) : JSON.parse(text);
}

function mended(_: string, value: unknown): unknown {
  return typeof value === "string" ? value.replace(HALF, "\ufffd") : value;
}
