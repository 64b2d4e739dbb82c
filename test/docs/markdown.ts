export interface CodeBlock {
  language: string;
  /** What follows the language on the fence's line: for files their path. */
  info: string;
  text: string;
}

/** The fenced code blocks of a Markdown text, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(/^```(\w*) *(.*)\n([\s\S]*?)^```$/gm)].map(([, language, info, text]) => ({
    language: language!,
    info: info!,
    text: text!,
  }));
}

export interface ConsoleStep {
  command: string;
  /** What it prints, as the page shows it. */
  shown: string;
}

/** A `console` block: lines that begin with `$ ` are commands, what follows is their output. */
export function consoleSteps(block: string): ConsoleStep[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const end = step.indexOf("\n");
      return { command: step.slice(0, end), shown: step.slice(end + 1).trimEnd() };
    });
}

/** Whether `text` is what a page shows: `…` stands for anything within a line, a line of `…` alone for any lines. */
export function isAsShown(text: string, shown: string): boolean {
  const lines = shown.split("\n").map((line) => (line.trim() === "…" ? "(?:.*\n)*?" : `${line.split("…").map(escape).join(".*")}\n`));
  return new RegExp(`^${lines.join("")}$`).test(`${text.trimEnd()}\n`);
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
