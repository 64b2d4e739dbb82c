import { SettingsError } from "../core/errors.ts";

/** `-a name=value` options as the spider gets them. @throws SettingsError */
export function parseArgs(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw new SettingsError("bad_argument", `-a ${text}: write name=value`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
