import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";
import { intoClickHouse, type IntoClickHouse, type SinkWriter, type StreamEntry } from "arachne";
import type { ClickHouseOptions, ClickHouseVersion } from "../../scripts/services/clickhouse.ts";
import type { Settings, SettingsInput } from "../../src/core/settings.ts";
import { Offer, offer, place, type Offer as OfferItem, type Place } from "../app/stream-place.ts";
import { startStore, type Store } from "./clickhouse-store.ts";

export interface Real extends Place {
  table: string;
  sink: IntoClickHouse<OfferItem>;
  open(settings?: Partial<Settings>): Promise<SinkWriter>;
  /** Ids in the table, sorted. */
  ids(): Promise<string[]>;
}

/** Sinks on a ClickHouse of one version. */
export interface Bench {
  /** Shared by the tests of a file. */
  store: Store;
  /** Another of the same version, removed at the test's end. */
  own(options?: Partial<ClickHouseOptions>): Promise<Store>;
  /** A table of offers by `at`. */
  real(set?: SettingsInput, spec?: Partial<IntoClickHouse<OfferItem>>): Real;
}

export function benchOf(version: ClickHouseVersion, store: Store): Bench {
  return {
    store,
    async own(options = {}) {
      const own = (await startStore({ ...options, version }))!;
      onTestFinished(() => own.remove());
      return own;
    },
    real(set = {}, spec = {}) {
      const p = place({ ...store.settings, ...set });
      const table = fresh();
      const sink: IntoClickHouse<OfferItem> = { table, item: Offer, time: "at", stamp: "processed_at", dedupWindow: 60, ...spec };
      return {
        ...p,
        table,
        sink,
        open: async (settings = {}) => {
          const c = { ...p, now: () => new Date(), signal: new AbortController().signal, stream: "s", sink: "rows", root: p.dir };
          const writer = await intoClickHouse(sink).open({ ...c, settings: { ...p.settings, ...settings } });
          onTestFinished(async () => writer[Symbol.asyncDispose]());
          return writer;
        },
        ids: async () => (await store.sql<{ id: string }>(`SELECT id FROM ${table} ORDER BY id`)).map((row) => row.id),
      };
    },
  };
}

/** A name that no other table has. */
export const fresh = (): string => `t_${randomUUID().replaceAll("-", "")}`;

export const entries = (items: readonly object[], from = 0, partition = 0): StreamEntry[] =>
  items.map((item, i) => ({ item, headers: {}, partition, offset: from + i, time: 0 }));

export const offers = (from: number, to: number): OfferItem[] => Array.from({ length: to - from }, (_, i) => offer(from + i));

export const idsOf = (items: readonly OfferItem[]): string[] => items.map((o) => o.id).sort();
