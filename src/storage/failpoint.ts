/**
 * Fault injection: `ARACHNE_FAILPOINT=name:n` kills this process (SIGKILL, nothing is flushed) the n-th time it passes
 * `failpoint(name)`. That is how the tests show that a crash at exactly this point loses nothing.
 */
const [armed, at] = (process.env["ARACHNE_FAILPOINT"] ?? "").split(":");
let left = Number(at ?? 1);

export function failpoint(name: string): void {
  if (name === armed && --left === 0) process.kill(process.pid, "SIGKILL");
}
