const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

export function bytes(n: number): string {
  const power = Math.min(UNITS.length - 1, n < 1000 ? 0 : Math.floor(Math.log10(n) / 3));
  const value = n / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

export function counted(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;
}

/** How long ago, in the largest unit that fits. */
export function ago(from: string, now: Date): string {
  const s = Math.max(0, (now.getTime() - Date.parse(from)) / 1000);
  if (s < 60) return `${Math.round(s)} s ago`;
  if (s < 3600) return `${Math.round(s / 60)} min ago`;
  return s < 172_800 ? `${Math.round(s / 3600)} h ago` : `${Math.round(s / 86_400)} days ago`;
}
