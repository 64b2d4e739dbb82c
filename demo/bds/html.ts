const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text made safe between tags and inside quoted attributes. Everything a seller wrote goes through it. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ESCAPES[c] ?? c);
}

const NAMED: Readonly<Record<string, string>> = {
  à: "agrave",
  á: "aacute",
  â: "acirc",
  ã: "atilde",
  è: "egrave",
  é: "eacute",
  ê: "ecirc",
  ì: "igrave",
  í: "iacute",
  ò: "ograve",
  ó: "oacute",
  ô: "ocirc",
  õ: "otilde",
  ù: "ugrave",
  ú: "uacute",
  ý: "yacute",
  "²": "sup2",
  "\u00a0": "nbsp",
};

/** The same text with every letter beyond ASCII as an entity: by name where Latin-1 has it, else by number. */
export function entities(text: string): string {
  return escape(text).replace(/[^\u0000-\u007f]/gu, (c) => (NAMED[c] === undefined ? `&#${c.codePointAt(0)};` : `&${NAMED[c]};`));
}

/** JSON that may stand inside a script element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
