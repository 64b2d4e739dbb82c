import { spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../../scripts/services/cache.ts";
import { run } from "../../scripts/services/tools.ts";

/** Prometheus's own tool, from Debian's package; undefined where that cannot be had. */
export async function promtool(): Promise<string | undefined> {
  try {
    const dir = await cached("promtool", async (into) => {
      const debs = join(into, "debs");
      await run("mkdir", [debs]);
      await run("apt-get", ["download", "prometheus"], { cwd: debs });
      await run("sh", ["-c", 'dpkg-deb --fsys-tarfile "$1"/*.deb | tar -x -C "$2" ./usr/bin/promtool', "sh", debs, into]);
      await rm(debs, { recursive: true });
    });
    return join(dir, "usr/bin/promtool");
  } catch {
    return undefined;
  }
}

/** What Prometheus's parser and its linter have against a text, a line each. */
export function complaints(tool: string, text: string): string[] {
  const { stdout, stderr } = spawnSync(tool, ["check", "metrics"], { input: text, encoding: "utf8" });
  return `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
}
