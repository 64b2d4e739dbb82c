import colors from "picocolors";
import { printable } from "../core/printable.ts";

/** Colours on a terminal only, and not under NO_COLOR or on a dumb one; picocolors by itself paints wherever CI is set, pipes and files too. */
export function inks(stream: NodeJS.WriteStream): ReturnType<typeof colors.createColors> {
  const painted = stream.isTTY ? stream.hasColors() : false; // of a pipe isTTY is undefined, whatever its type says
  return colors.createColors(painted);
}

/** For standard error, where messages go. */
export const paint = inks(process.stderr);

export const count = (n: number): string => n.toLocaleString("en-US");

export function duration(ms: number): string {
  const s = ms / 1000;
  if (s < 60) return `${s.toFixed(1)} s`;
  const minutes = Math.floor(s / 60);
  return minutes < 60 ? `${minutes} min ${Math.floor(s % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A plain table: text to the left, numbers to the right, nothing that a log file or a narrow terminal would choke on. */
export function table(columns: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const cells = rows.map((r) => r.map((v) => (v === null ? "" : typeof v === "number" ? count(v) : printable(v))));
  const numeric = columns.map((_, i) => rows.length > 0 && rows.every((r) => typeof r[i] === "number" || r[i] === null));
  const widths = columns.map((name, i) => Math.max(width(name), ...cells.map((r) => width(r[i] ?? ""))));
  const line = (values: readonly string[]): string =>
    values
      .map((v, i) => {
        const pad = " ".repeat(widths[i]! - width(v));
        return numeric[i] === true ? pad + v : v + pad;
      })
      .join("  ")
      .trimEnd();
  return [line(columns), line(widths.map((w) => "-".repeat(w))), ...cells.map(line)].join("\n");
}

/** Columns that a text takes: combining marks take none (decomposed Vietnamese), so NFC first. */
function width(text: string): number {
  return Array.from(text.normalize("NFC")).length;
}

/** A line that is drawn over itself while work goes on; on anything but a terminal it is never drawn. */
export function createStatusLine(stream: NodeJS.WriteStream): { draw(text: string): void; clear(): void } {
  let drawn = false;
  return {
    draw(text) {
      if (!stream.isTTY) return;
      stream.write(`\r\u001b[2K${text.slice(0, (stream.columns ?? 80) - 1)}`);
      drawn = true;
    },
    clear() {
      if (drawn) stream.write("\r\u001b[2K");
      drawn = false;
    },
  };
}
