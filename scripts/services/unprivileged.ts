import { chown, mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { SettingsError } from "../../src/core/errors.ts";

/** `nobody` on Linux: Elasticsearch refuses to run as root. */
const NOBODY = 65_534;

/** The user that a server which refuses root runs as; undefined: our own. */
export function unprivilegedUser(): number | undefined {
  return process.getuid?.() === 0 ? NOBODY : undefined;
}

/** Makes a folder that this user owns. */
export async function ownedFolder(path: string, uid: number | undefined): Promise<void> {
  await mkdir(path, { recursive: true });
  if (uid !== undefined) await chown(path, uid, uid);
}

/**
 * @throws SettingsError `service_folder` when a folder on the way is closed to the user: root's home is.
 */
export async function checkReachable(path: string, uid: number | undefined): Promise<void> {
  if (uid === undefined) return;
  for (let folder = resolve(path), last = ""; folder !== last; last = folder, folder = dirname(folder)) {
    const { mode, uid: owner } = await stat(folder);
    if ((mode & 0o001) === 0 && owner !== uid)
      throw new SettingsError(
        "service_folder",
        `services: entering ${folder}: it is closed to the unprivileged user that Elasticsearch runs as when you are root: take a folder elsewhere, /var/lib/arachne for example (chmod o+x ${folder} works too)`,
      );
  }
}
