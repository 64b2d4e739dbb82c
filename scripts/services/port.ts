import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { SettingsError } from "../../src/core/errors.ts";

/**
 * The port that a server of this folder listens on: the one asked for, or the one that it had last time, so that a server
 * started again is found where it was, or a free one.
 * @throws SettingsError `service_port` when somebody else listens on it.
 */
export async function portFor(name: string, dir: string, wanted: number | undefined): Promise<number> {
  const file = join(dir, "port");
  const port = wanted || (existsSync(file) ? Number(readFileSync(file, "utf8")) : await freePort());
  if (await accepts(port))
    throw new SettingsError(
      "service_port",
      `${name}: listening on 127.0.0.1:${port}: something else does already: stop it, or give another port`,
    );
  mkdirSync(dir, { recursive: true });
  writeFileSync(file, String(port));
  return port;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

/** Whether somebody accepts connections on this port of 127.0.0.1. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
