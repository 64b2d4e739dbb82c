import { printable } from "../core/printable.ts";

/** Text in lines of at most `width` columns, broken at spaces where there are any; lines after the first begin with `indent`. */
export function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let rest = text.trim();
  for (;;) {
    const room = lines.length === 0 ? width : width - indent.length;
    const characters = Array.from(rest);
    const start = lines.length === 0 ? "" : indent;
    if (characters.length <= room) return [...lines, start + rest];
    const space = characters.lastIndexOf(" ", room);
    const cut = space > 0 ? space : room;
    lines.push(start + characters.slice(0, cut).join(""));
    rest = characters.slice(cut).join("").trimStart();
  }
}

/** Characters that take two columns: emoji and East Asian ones. */
const WIDE = /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u;

/** Cut to `width` columns, with an ellipsis where something is missing; line breaks become spaces. */
export function clip(text: string, width: number): string {
  const characters = Array.from(printable(text.normalize("NFC").replace(/[\r\n\t]+/g, " ")));
  let used = 0;
  let fits = 0;
  for (const [i, character] of characters.entries()) {
    used += WIDE.test(character) ? 2 : 1;
    if (used > width) return `${characters.slice(0, fits).join("")}…`;
    if (used < width) fits = i + 1;
  }
  return characters.join("");
}
