/** A URL by the WHATWG rules, or undefined. (`URL.parse` does the same, but not on every Node 20.) */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
