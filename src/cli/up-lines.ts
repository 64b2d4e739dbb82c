import { printable } from "../core/printable.ts";
import { inks } from "./terminal.ts";

export interface ForegroundLines {
  print(name: string, lines: string): void;
  note(text: string): void;
}

/**
 * Lines of several processes on one terminal, or in one pipe, each with its name before it; of one alone without. Their escape
 * sequences do nothing.
 */
export function foregroundLines(known: readonly string[]): ForegroundLines {
  const paint = inks(process.stdout);
  const palette = [paint.cyan, paint.yellow, paint.green, paint.magenta, paint.blue];
  const names = [...known];
  return {
    print(name, lines) {
      if (!names.includes(name)) names.push(name);
      const width = Math.max(...names.map((each) => each.length));
      const ink = palette[names.indexOf(name) % palette.length]!;
      const before = names.length > 1 ? `${ink(`${name.padEnd(width)} |`)} ` : "";
      process.stdout.write(
        lines
          .replace(/\n$/, "")
          .split("\n")
          .map((line) => `${before}${printable(line)}\n`)
          .join(""),
      );
    },
    note: (text) => void process.stderr.write(`${text}\n`),
  };
}
