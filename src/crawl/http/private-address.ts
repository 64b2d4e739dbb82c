import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { RejectedError } from "../../core/errors.ts";

/** Names that are never served by the public DNS (RFC 6761, 6762, 8375, ICANN's .internal), and what home routers hand out. */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|lan|home\.arpa)$/;

/**
 * Whether a host, written as in `URL.hostname` (or a bare IP address), is private on the face of it: a literal address that
 * is not public, or a local name. WHATWG parsing has already turned `0x7f.1`, `2130706433` and `①②⑦.0.0.1` into `127.0.0.1`. Other names are
 * judged by what they resolve to (`guardedLookup`).
 */
export function isPrivateHost(host: string): boolean {
  if (host.includes(":")) return !isPublicAddress(host.replace(/^\[|\]$/g, ""));
  const last = host.charCodeAt(host.length - 1);
  // WHATWG: a host whose last label is numeric is an IPv4 address, so no name ends in a digit-only label.
  if (last >= 48 && last <= 57 && ipaddr.IPv4.isValidFourPartDecimal(host)) return !isPublicAddress(host);
  const name = last === 46 /* . */ ? host.slice(0, -1) : host;
  return !name.includes(".") || LOCAL_NAME.test(name.toLowerCase());
}

const LOOPBACK = /^(?:(?:.*\.)?localhost|\[::1\]|127\.\d+\.\d+\.\d+)(?::\d+)?$/;

/** Loopback, literal or by name, with a port or without: where no delay is called for. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Whether an IP address (no brackets) is one that anybody on the Internet may be reached at. IPv4 carried inside IPv6 is judged as IPv4. */
export function isPublicAddress(address: string): boolean {
  let ip: ReturnType<typeof ipaddr.process>;
  try {
    ip = ipaddr.process(address);
  } catch {
    return false;
  }
  if (ip instanceof ipaddr.IPv4) return ip.range() === "unicast";
  const { parts } = ip;
  // 64:ff9b::/96 (RFC 6052): on an IPv6-only network every public IPv4 site resolves to this.
  if (parts[0] === 0x64 && parts[1] === 0xff9b && parts.slice(2, 6).every((p) => p === 0)) return isPublicAddress(embedded(parts));
  // ::a.b.c.d (RFC 4291 2.5.5.1, deprecated) is listed nowhere as special, yet names an IPv4 host.
  if (parts.slice(0, 6).every((p) => p === 0)) return false;
  return ip.range() === "unicast";
}

function embedded(parts: readonly number[]): string {
  const [high = 0, low = 0] = parts.slice(6);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

export function privateAddressError(host: string, address?: string): RejectedError {
  const what = address === undefined || address === host ? host : `${host} (${address})`;
  return new RejectedError(
    "private_address",
    `download: connect to ${what}: a private address, not followed from a public site: set PRIVATE_ADDRESSES_ALLOWED if it is yours`,
  );
}

/**
 * A `lookup` for sockets that hands out public addresses only. It is asked at connect time, by the socket itself, so the
 * address that was judged is the one connected to: a name that changes between check and use (DNS rebinding) gains nothing.
 */
export function guardedLookup(resolve: LookupFunction = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const all = typeof found === "string" ? [{ address: found, family: 4 }] : found;
      const open = all.filter((entry) => isPublicAddress(entry.address));
      const first = open[0];
      if (first === undefined) return callback(privateAddressError(hostname, all[0]?.address), []);
      if (options.all === true) callback(null, open);
      else callback(null, first.address, first.family);
    });
  };
}
