import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

export interface Terminal {
  /** Keys as tmux names them: text, `Enter`, `C-c`, `Down`. */
  press(...keys: string[]): void;
  /** All that was ever on the screen, without colours. */
  text(): string;
  /** Resolves with what has come since the last call, once it matches. @throws after a minute, with the screen */
  shows(pattern: RegExp): Promise<string>;
  close(): void;
}

/** A terminal of 80 columns (tmux), with a shell in `cwd`. */
export function openTerminal(cwd: string, env: Readonly<Record<string, string>>): Terminal {
  const dir = mkdtempSync(join(tmpdir(), "arachne-tmux-"));
  const socket = join(dir, "s");
  const tmux = (...args: string[]): string =>
    execFileSync("tmux", ["-S", socket, "-f", "/dev/null", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: { PATH: process.env["PATH"], LANG: "C.UTF-8", TERM: "xterm-256color" },
    });
  const variables = Object.entries({ PS1: "$ ", ...env }).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  tmux("new-session", "-d", "-x", "80", "-y", "50", "-c", cwd, ...variables, "bash --norc --noprofile");
  tmux("set-option", "-g", "history-limit", "5000");
  const close = (): void => {
    try {
      tmux("kill-server");
    } catch {
      // Its shell has ended already.
    }
    rmSync(dir, { recursive: true, force: true });
  };
  onTestFinished(close);
  const text = (): string => tmux("capture-pane", "-p", "-J", "-S", "-").replace(/ +$/gm, "").trimEnd();
  let seen = 0;
  return {
    press: (...keys) => void tmux("send-keys", ...keys),
    text,
    async shows(pattern) {
      for (const began = Date.now(); Date.now() - began < 60_000; await sleep(100)) {
        const all = text();
        const since = all.slice(Math.min(seen, all.length));
        if (pattern.test(since)) {
          // A prompt that is answered is taken off the screen.
          const prompt = all.lastIndexOf("\n? ") + 1;
          seen = prompt > 0 ? prompt : all.length;
          return since;
        }
      }
      throw new Error(`${pattern} does not come; behind ${seen} characters the terminal shows:\n${text()}`);
    },
    close,
  };
}
