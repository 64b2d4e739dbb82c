import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** `bds.log` is the newest, `bds.log.1` the one before, and so on. */
export function rotatedName(path: string, age: number): string {
  return age === 0 ? path : `${path}.${age}`;
}

/** The files that there are of a log, newest first; numbers may be missing where a rotation was cut short. */
export function logFiles(path: string): string[] {
  let names: string[];
  try {
    names = readdirSync(dirname(path));
  } catch {
    return [];
  }
  const own = basename(path);
  return names
    .flatMap((name) => {
      if (name === own) return [{ name, age: 0 }];
      const age = name.startsWith(`${own}.`) ? name.slice(own.length + 1) : "";
      return /^[1-9]\d{0,5}$/.test(age) ? [{ name, age: Number(age) }] : [];
    })
    .sort((a, b) => a.age - b.age)
    .map(({ name }) => join(dirname(path), name));
}
