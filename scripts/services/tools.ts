import { spawn } from "node:child_process";
import { CriticalError, SettingsError } from "../../src/core/errors.ts";

/** Runs a command to its end and returns what it printed. With `show` its messages and progress go to our terminal. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, show = false }: { cwd?: string; show?: boolean } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", show ? 2 : "pipe", show ? 2 : "pipe"], ...(cwd === undefined ? {} : { cwd }) });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => (printed += text));
    child.once("error", (cause: NodeJS.ErrnoException) => reject(cause.code === "ENOENT" ? missing(command) : cause));
    child.once("close", (code) => {
      if (code === 0) resolve(printed);
      else
        reject(
          new CriticalError(
            "service_command",
            `services: running ${command} ${args.join(" ")}: it ended with ${code}: ${printed.trim().slice(-1000)}`,
          ),
        );
    });
  });
}

const INSTALL: Record<string, string> = {
  java: "Java 17 or newer (Debian: apt install openjdk-17-jre-headless; macOS: brew install openjdk@17)",
  mvn: "Maven, which downloads the servers (Debian: apt install maven; macOS: brew install maven)",
  python3: "Python 3 with pip, which downloads Spark and ClickHouse (Debian: apt install python3-pip)",
};

/** A tool that the services need is not on this machine. */
function missing(command: string): SettingsError {
  return new SettingsError(
    "service_tool_missing",
    `services: running ${command}: it is not on this machine: install ${INSTALL[command] ?? command}`,
  );
}

let home: Promise<string> | undefined;

/** The home of the Java on the PATH, or of JAVA_HOME. */
export function javaHome(): Promise<string> {
  home ??= findJavaHome();
  return home;
}

async function findJavaHome(): Promise<string> {
  const given = process.env["JAVA_HOME"];
  const printed = await run(given ? `${given}/bin/java` : "java", ["-XshowSettings:properties", "-version"]).catch((error: unknown) => {
    throw given && error instanceof SettingsError
      ? new SettingsError(
          "service_tool_missing",
          `services: running ${given}/bin/java: there is none: set JAVA_HOME to ${INSTALL["java"]}, or not at all`,
        )
      : error;
  });
  const property = (name: string): string => new RegExp(`^\\s*${name} = (.*)$`, "m").exec(printed)?.[1]?.trim() ?? "";
  const version = property("java\\.specification\\.version");
  if (!(Number(version) >= 17))
    throw new SettingsError("service_tool_missing", `services: running java: it is version ${version}: install ${INSTALL["java"]}`);
  return property("java\\.home");
}
