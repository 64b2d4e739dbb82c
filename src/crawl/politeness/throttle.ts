import type { Settings } from "../../core/settings.ts";

type ThrottleSettings = Pick<
  Settings,
  | "CONCURRENT_REQUESTS_PER_DOMAIN"
  | "DOWNLOAD_DELAY"
  | "RANDOMIZE_DOWNLOAD_DELAY"
  | "AUTOTHROTTLE_ENABLED"
  | "AUTOTHROTTLE_START_DELAY"
  | "AUTOTHROTTLE_MAX_DELAY"
  | "AUTOTHROTTLE_TARGET_CONCURRENCY"
>;

export interface ThrottleOptions {
  readonly settings: ThrottleSettings;
  /** Whether DOWNLOAD_DELAY was set rather than left at its default: only then does it bind local hosts. */
  readonly explicitDelay: boolean;
  /** Hosts of our own (loopback, virtual): neither autothrottle, nor crawl-delay, nor the default delay is for them. */
  readonly local: (host: string) => boolean;
  /** Milliseconds that the host's robots.txt asks for, once known. */
  readonly crawlDelay?: ((host: string) => number | undefined) | undefined;
  readonly random?: (() => number) | undefined;
}

/** Who may be asked when. No clock and no timer in here: times are milliseconds of the caller's clock. */
export interface Throttle {
  /** Takes one of the host's slots; else how many milliseconds until it is worth asking again (Infinity: when one is released). */
  readonly tryAcquire: (host: string, now: number) => true | number;
  /** Gives it back. `latencyMs`: until the headers were here; `status` 0: there was no answer. */
  readonly release: (host: string, latencyMs: number, status: number) => void;
  /** Leaves the host alone until then: what its Retry-After asked for. */
  readonly hold: (host: string, until: number) => void;
  readonly active: (host: string) => number;
}

interface Slot {
  active: number;
  /** Whether there is any delay to mind. */
  readonly paced: boolean;
  readonly local: boolean;
  /** Milliseconds between two requests, as settings and autothrottle have it. */
  delay: number;
  /** Drawn for the pause after the last request. */
  factor: number;
  lastAt: number;
  heldUntil: number;
}

/** Hosts remembered before idle ones are forgotten. */
const MAX_SLOTS = 10_000;

export function createThrottle({ settings, explicitDelay, local, crawlDelay, random = Math.random }: ThrottleOptions): Throttle {
  const limit = settings.CONCURRENT_REQUESTS_PER_DOMAIN;
  const leastDelay = settings.DOWNLOAD_DELAY * 1000;
  // A crawl-delay of a day would be a crawl that never ends: what we would put up with from autothrottle bounds it.
  const longestDelay = Math.max(settings.AUTOTHROTTLE_MAX_DELAY * 1000, leastDelay);
  const slots = new Map<string, Slot>();

  function open(host: string, now: number): Slot {
    if (slots.size >= MAX_SLOTS) for (const [name, slot] of slots) if (slot.active === 0 && nextAt(name, slot) <= now) slots.delete(name);
    const ours = local(host);
    const start = settings.AUTOTHROTTLE_ENABLED ? Math.max(leastDelay, settings.AUTOTHROTTLE_START_DELAY * 1000) : leastDelay;
    const delay = ours ? (explicitDelay ? leastDelay : 0) : start;
    const slot: Slot = { active: 0, paced: !ours || delay > 0, local: ours, delay, factor: 1, lastAt: -Infinity, heldUntil: -Infinity };
    slots.set(host, slot);
    return slot;
  }

  function nextAt(host: string, slot: Slot): number {
    const asked = slot.local ? 0 : Math.min(crawlDelay?.(host) ?? 0, longestDelay);
    return Math.max(slot.heldUntil, slot.lastAt + Math.max(slot.delay * slot.factor, asked));
  }

  return {
    tryAcquire(host, now) {
      const slot = slots.get(host) ?? open(host, now);
      if (slot.active >= limit) return Infinity;
      if (slot.paced) {
        const wait = nextAt(host, slot) - now;
        if (wait > 0) return wait;
        slot.lastAt = now;
        if (settings.RANDOMIZE_DOWNLOAD_DELAY) slot.factor = 0.5 + random();
      }
      slot.active++;
      return true;
    },

    release(host, latencyMs, status) {
      const slot = slots.get(host);
      if (slot === undefined) return;
      slot.active = Math.max(0, slot.active - 1);
      if (!slot.local && settings.AUTOTHROTTLE_ENABLED && status > 0) slot.delay = adapted(slot.delay, latencyMs, status);
    },

    hold(host, until) {
      const slot = slots.get(host);
      if (slot !== undefined && !slot.local) slot.heldUntil = Math.max(slot.heldUntil, until);
    },

    active: (host) => slots.get(host)?.active ?? 0,
  };

  /**
   * Scrapy's AutoThrottle: half way from the present delay to latency / target concurrency, never below that target; an
   * answer other than 200 only ever slows down, since errors come quicker than pages.
   */
  function adapted(delay: number, latencyMs: number, status: number): number {
    const target = latencyMs / settings.AUTOTHROTTLE_TARGET_CONCURRENCY;
    const next = Math.min(Math.max(leastDelay, target, (delay + target) / 2), longestDelay);
    return status !== 200 && next <= delay ? delay : next;
  }
}
