import { StringDecoder } from "node:string_decoder";

/** What has no end of line for so long is given one: a child that never writes one must not fill the memory. */
const LONGEST = 64 * 1024;

export interface Lines {
  push(chunk: Buffer): void;
  /** What is left without an end of line. */
  end(): void;
}

/** Makes whole lines of a child's output: each `write` gets one or several, with their ends. */
export function wholeLines(write: (lines: string) => void): Lines {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    push(chunk) {
      rest += decoder.write(chunk);
      const end = rest.lastIndexOf("\n") + 1;
      if (end > 0) {
        write(rest.slice(0, end));
        rest = rest.slice(end);
      }
      for (; rest.length > LONGEST; rest = rest.slice(LONGEST)) write(`${rest.slice(0, LONGEST)}\n`);
    },
    end() {
      rest += decoder.end();
      if (rest !== "") write(`${rest}\n`);
      rest = "";
    },
  };
}
