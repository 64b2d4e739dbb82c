import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { onTestFinished } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const BIN = join(ROOT, "bin/arachne.mjs");

export interface TestProject {
  dir: string;
  write(path: string, content: string): string;
  /** Runs `arachne …` in it as a process of its own. */
  arachne(...args: string[]): Promise<Outcome>;
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** With its standard output piped into a shell command; the exit code is `arachne`'s own. */
  piped(args: readonly string[], into: string): Promise<Outcome>;
}

export interface RunOptions {
  input?: string;
  env?: Record<string, string>;
  /** Below the project's folder. */
  cwd?: string;
}

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A project of its own in a temporary folder, as a user's would be: `arachne` and zod in node_modules. */
export function createProject(files: Readonly<Record<string, string>> = {}): TestProject {
  const dir = mkdtempSync(join(tmpdir(), "arachne-cli-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const write = (path: string, content: string): string => {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  mkdirSync(join(dir, "node_modules"));
  symlinkSync(ROOT, join(dir, "node_modules/arachne"));
  symlinkSync(join(ROOT, "node_modules/zod"), join(dir, "node_modules/zod"));
  write("package.json", '{ "type": "module" }');
  write("settings.ts", 'import { defineSettings } from "arachne";\nexport default defineSettings({ values: {} });\n');
  for (const [path, content] of Object.entries(files)) write(path, content);
  const run: TestProject["run"] = (args, options) => start(dir, args, options).ended;
  return {
    dir,
    write,
    run,
    arachne: (...args) => run(args),
    piped: (args, into) =>
      watch(
        spawn("bash", ["-c", `"$0" "$@" | ${into}; exit "\${PIPESTATUS[0]}"`, process.execPath, BIN, ...args], {
          cwd: dir,
          env: environment(),
        }),
      ).ended,
  };
}

export interface Running {
  ended: Promise<Outcome>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with what standard output holds once it matches. */
  said(pattern: RegExp): Promise<string>;
}

export function start(dir: string, args: readonly string[], { input = "", env = {}, cwd = "." }: RunOptions = {}): Running {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: join(dir, cwd), env: { ...environment(), ...env } });
  child.stdin.end(input);
  return watch(child);
}

/** A terminal's variables would make the output differ from machine to machine. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: process.env["HOME"], TMPDIR: process.env["TMPDIR"] };
}

function watch(child: ChildProcessWithoutNullStreams): Running {
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return {
    ended: new Promise((done, failed) => {
      child.once("error", failed);
      child.once("close", (code) => done({ code, stdout, stderr }));
    }),
    kill: (signal) => void child.kill(signal),
    said: (pattern) =>
      new Promise((done, failed) => {
        const look = (): void => {
          if (pattern.test(stdout)) done(stdout);
        };
        look();
        child.stdout.on("data", look);
        child.once("close", () => failed(new Error(`ended without saying ${pattern}: ${stdout}${stderr}`)));
      }),
  };
}
