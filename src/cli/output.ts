import { once } from "node:events";

/** `arachne … | head`: a reader that has seen enough is no error. To be called before anything is written. */
export function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
}

/** Writes data to standard output. Resolves when the reader keeps up, so that a slow one holds the writer back instead of filling memory. */
export async function print(data: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(data)) await once(process.stdout, "drain");
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
