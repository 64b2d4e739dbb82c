/** What the journal stores, as rows. */
import type { FollowOptions } from "../../core/follow.ts";

export type StoredOptions = Pick<FollowOptions, "fallback" | "data" | "headers" | "browser" | "dontFilter">;

export interface NewRequest {
  url: string;
  callback: string;
  depth: number;
  priority: number;
  /** 16 bytes; undefined: do not look whether it was seen. */
  fingerprint: Buffer | undefined;
  /** `StoredOptions` as JSON: written before any transaction, so that what cannot be is its page's problem alone. */
  options: string | undefined;
}

export interface QueuedRequest {
  readonly id: number;
  readonly url: string;
  readonly callback: string;
  readonly depth: number;
  readonly priority: number;
  retries: number;
  readonly options: string | null;
}

export interface StoredItem {
  key: string;
  body: string;
}

export interface RejectedItem {
  reason: string;
  detail: string | undefined;
  item: string;
}

/** What a page (or a fallback, where there is no page) gave. */
export interface Harvest {
  /** Items yielded, before the transforms: stored + rejected must add up to it. */
  emitted: number;
  partial: number;
  items: readonly StoredItem[];
  rejected: readonly RejectedItem[];
  follows: readonly NewRequest[];
}

export type Outcome =
  /**
   * `arrived`: fingerprint of where redirects led, which may be a page that another link has led to. `instead`: the request's
   * fallback, where that page is known but has no item of its own (a listing that is gone often leads back to its list).
   */
  | { kind: "parsed"; request: QueuedRequest; harvest: Harvest; arrived?: Buffer; instead?: Harvest }
  | { kind: "failed"; request: QueuedRequest; reason: string; detail: string; harvest: Harvest }
  | { kind: "retry"; request: QueuedRequest }
  /** `hosts`: of all start requests, given with the last of them; a resumed crawl need not look for them again. */
  | { kind: "start"; requests: readonly NewRequest[]; hosts?: readonly string[] };

export interface Crawl {
  readonly id: number;
  readonly startedAt: Date;
  readonly origin: string;
  readonly args: Readonly<Record<string, string>>;
  /** Of the start requests, ports included; undefined until all of those are in the journal. */
  readonly hosts: readonly string[] | undefined;
}
