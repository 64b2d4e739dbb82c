import { hash } from "node:crypto";
import { canonicalize } from "./canonicalize.ts";

const FINGERPRINT_BYTES = 16;

/**
 * 16 bytes that stand for a URL in the seen-set: the first 128 bits of SHA-1 over its canonical form. (64 bits lose a URL
 * silently now and then; SHA-1's known weakness, made collisions, would only let a site hide its own page.)
 * @throws RejectedError `bad_url`
 */
export function fingerprint(url: string): Buffer {
  // By way of a string: a digest straight into a Buffer costs three times as much (an ArrayBuffer of its own each).
  return Buffer.from(hash("sha1", canonicalize(url), "binary").slice(0, FINGERPRINT_BYTES), "latin1");
}
