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

/** Cut to `width` columns, with an ellipsis where something is missing; line breaks become spaces. */
export function clip(text: string, width: number): string {
  const characters = Array.from(text.normalize("NFC").replace(/\s+/g, " "));
  return characters.length <= width ? characters.join("") : `${characters.slice(0, width - 1).join("")}…`;
}
