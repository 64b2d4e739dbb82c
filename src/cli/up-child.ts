import { SUPERVISED_CHILD } from "../app/supervise-marked.ts";

let supervised = false;

/**
 * A process that `arachne up` has started stops when its supervisor is gone, even by kill -9: then the channel between them closes.
 * To be called before anything is written.
 */
export function stopWithSupervisor(): void {
  const seconds = process.env[SUPERVISED_CHILD];
  delete process.env[SUPERVISED_CHILD]; // it is not for those that this process starts
  if (seconds === undefined) return;
  // Gone already, while this process was being loaded: no event would come any more.
  if (!process.connected) process.exit(143);
  supervised = true;
  // Its output goes to the supervisor: that nobody reads it any more must not keep this process from ending well.
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners("error").on("error", () => undefined);
  process.once("disconnect", () => {
    process.kill(process.pid, "SIGTERM");
    setTimeout(endGroup, Number(seconds) * 1000).unref();
  });
  process.channel?.unref();
}

/** Nobody else is left to do it. */
function endGroup(): void {
  process.kill(-process.pid, "SIGKILL");
}

/** Tells the supervisor, if there is one, that from here on SIGTERM is a clean end. */
export function reportReady(): void {
  if (supervised) process.send?.({ ready: true }, undefined, undefined, () => undefined);
}
