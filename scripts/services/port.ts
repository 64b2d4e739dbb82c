import { randomInt } from "node:crypto";
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

/**
 * Below the ports that systems give to outgoing connections: one of those may be taken before the server listens on it, and who asks again
 * and again whether it does may at last be connected to himself.
 */
const FIRST_PORT = 16_000;
const LAST_PORT = 32_000;

export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
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
