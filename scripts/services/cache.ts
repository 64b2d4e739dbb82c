import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "./tools.ts";

/** What the start functions say while they work. */
export type Say = (line: string) => void;

/**
 * Where servers are kept once downloaded. Root's home is closed to the unprivileged user that Elasticsearch runs as, so root has
 * them in /var/cache.
 */
export function cacheDir(): string {
  const home = process.getuid?.() === 0 ? "/var/cache" : join(homedir(), ".cache");
  return process.env["ARACHNE_SERVICES_DIR"] || join(home, "arachne/services");
}

/**
 * The folder `name` of the cache, made by `build` if it is not there: aside, then moved to its place whole. Two processes may do so at once; the
 * first to finish wins.
 */
export async function cached(name: string, build: (into: string) => Promise<void>): Promise<string> {
  const path = join(cacheDir(), name);
  if (existsSync(path)) return path;
  await mkdir(cacheDir(), { recursive: true });
  const aside = await mkdtemp(join(cacheDir(), `.${name}-`));
  try {
    await build(aside);
    await run("chmod", ["-R", "a+rX", aside]); // mkdtemp's folder is its owner's alone
    await rename(aside, path).catch((error: unknown) => {
      if (!existsSync(path)) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return path;
}
