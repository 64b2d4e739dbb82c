import { readdirSync, statSync } from "node:fs";
import { join, parse, sep } from "node:path";
import { ArachneError } from "../core/errors.ts";

/**
 * The files of an absolute path, in the order of their names: a file, a folder (its files with that extension), or a pattern
 * with `*`, `?` and `**`. Hidden files are matched by no pattern.
 * @throws ArachneError `unreadable_path` for what is there and cannot be looked into: taken for empty, its files would be missed in silence
 */
export function expandPath(path: string, extension: string): string[] {
  if (!/[*?]/.test(path)) {
    const stat = look(path, () => statSync(path, { throwIfNoEntry: false }));
    if (stat === undefined) return [];
    return stat.isDirectory() ? expandPath(join(path, `*.${extension}`), extension) : [path];
  }
  const { root } = parse(path);
  return [...match(root, path.slice(root.length).split(sep))].sort();
}

function* match(dir: string, [part, ...rest]: readonly string[]): Generator<string> {
  if (part === undefined) return;
  if (part === "**") {
    yield* match(dir, rest);
    for (const name of list(dir, /^[^.]/)) if (isFolder(join(dir, name))) yield* match(join(dir, name), [part, ...rest]);
    return;
  }
  const names = /[*?]/.test(part) ? list(dir, toPattern(part)) : [part];
  for (const name of names) {
    const path = join(dir, name);
    if (rest.length > 0) yield* isFolder(path) ? match(path, rest) : [];
    else if (look(path, () => statSync(path, { throwIfNoEntry: false }))?.isFile() === true) yield path;
  }
}

function toPattern(part: string): RegExp {
  const body = part
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^(?!\\.)${body}$`, "u");
}

function list(dir: string, pattern: RegExp): string[] {
  return (look(dir, () => readdirSync(dir)) ?? []).filter((name) => pattern.test(name));
}

function isFolder(path: string): boolean {
  return look(path, () => statSync(path, { throwIfNoEntry: false }))?.isDirectory() === true;
}

/** undefined: there is no such file or folder (any more). */
function look<R>(path: string, how: () => R): R | undefined {
  try {
    return how();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new ArachneError("unreadable_path", `files: cannot look into ${path} (${code}): mount it, or correct its permissions`, { cause });
  }
}
