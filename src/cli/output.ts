import { once } from "node:events";

let guarded = false;

/** Writes data to standard output. Resolves when the reader keeps up, so that a slow one holds the writer back instead of filling memory. */
export async function print(data: string | Uint8Array): Promise<void> {
  const { stdout } = process;
  if (!guarded) {
    guarded = true;
    // `arachne … | head`: a reader that has seen enough is no error.
    stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      throw error;
    });
  }
  if (!stdout.write(data)) await once(stdout, "drain");
}

/** A message for the person at the terminal, on standard error: standard output is for data. */
export function note(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** How many columns tables may take: a terminal's, else those of an ordinary one. */
export function outputWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns : 80;
}

/** JSON; whole numbers beyond 2^53 become text, which loses nothing. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, v: unknown) => (typeof v === "bigint" ? String(v) : v), indent);
}
