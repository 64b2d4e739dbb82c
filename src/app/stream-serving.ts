import type { StoredDocument } from "../core/engine.ts";
import { SettingsError } from "../core/errors.ts";
import { itemKey, type ItemType } from "../core/item.ts";
import { compileCheck, reasonOf } from "../core/schema/check.ts";
import type { ServedDocuments, Serving } from "../core/serving.ts";
import { documentText } from "../core/stream-document.ts";
import type { Refusal, SinkContext, SinkWriter, StreamEntry, StreamSink, Written } from "../core/stream.ts";
import { openServing } from "./open-serving.ts";

type Origin = ServedDocuments["origin"];

export interface IntoServing<T extends object> {
  /** The name that readers use. */
  alias: string | ((c: Pick<SinkContext, "settings">) => string);
  /** What a document is; its key identifies it. */
  item: ItemType<T>;
  /** An ISO time that orders the versions of one document; default: the message's time, or when the window's row was made. */
  version?: keyof T & string;
  /** Whether `coming` takes the place of `there`, another one of the same version; default: always, the last one stays. */
  prefer?: (coming: T, there: T) => boolean;
  /** Whether it is of the demo site; the two never mix in one alias. Default: by the header `origin`, else `real`. */
  origin?: (item: T, headers: Readonly<Record<string, string>>) => Origin;
}

/** A sink: documents in the serving store, each once, in its newest version, however often and in whatever order they come. */
export function intoServing<T extends object>(spec: IntoServing<T>): StreamSink<T> {
  return {
    async open(c) {
      const alias = typeof spec.alias === "function" ? spec.alias(c) : spec.alias;
      const serving = await openServing(c, c.root);
      try {
        await serving.prepare({ alias, item: spec.item });
      } catch (error) {
        await serving[Symbol.asyncDispose]();
        throw error;
      }
      return createWriter(spec, alias, serving);
    },
  };
}

/** What goes into the store together: documents, and the places of their entries in the batch. */
interface Group {
  documents: StoredDocument[];
  entries: number[];
}

function createWriter<T extends object>(spec: IntoServing<T>, alias: string, serving: Serving): SinkWriter<T> {
  const { item: type, version, origin = byHeader, prefer } = spec;
  const check = compileCheck(type);
  const textOf = documentText(type);

  function prepare({ item, time }: StreamEntry<T>): StoredDocument | Omit<Refusal, "entry"> {
    const [wrong] = check(item) ?? [];
    if (wrong !== undefined) return { reason: reasonOf(wrong), detail: wrong.message };
    const text = version === undefined ? undefined : String(item[version]);
    const at = text === undefined ? time : Date.parse(text);
    if (!(at >= 0 && at <= LAST))
      return { reason: "version", detail: `${version ?? "its time"} is no time since 1970 that orders versions` };
    const ordered = text !== undefined && CANONICAL.test(text) ? text : new Date(at).toISOString();
    return { key: itemKey(type, item as Record<string, unknown>), version: ordered, document: textOf(item) };
  }

  return {
    async write(entries): Promise<Written> {
      const refused: Refusal[] = [];
      const groups = new Map<Origin, Group>();
      entries.forEach((entry, i) => {
        const document = prepare(entry);
        if ("reason" in document) return void refused.push({ entry: i, ...document });
        const of = origin(entry.item, entry.headers);
        let group = groups.get(of);
        if (group === undefined) groups.set(of, (group = { documents: [], entries: [] }));
        group.documents.push(document);
        group.entries.push(i);
      });
      let written = 0;
      let kept = 0;
      for (const [of, group] of groups) {
        const counts = await upsert(of, group, refused);
        written += counts.written;
        kept += counts.kept;
      }
      return { written, kept, refused };
    },
    [Symbol.asyncDispose]: () => serving[Symbol.asyncDispose](),
  };

  async function upsert(of: Origin, { documents, entries }: Group, refused: Refusal[]): Promise<{ written: number; kept: number }> {
    let entryOf: Map<StoredDocument, number> | undefined; // made when one is refused, which is rare
    try {
      return await serving.upsert({
        alias,
        item: type,
        origin: of,
        documents: once(documents),
        ...(prefer === undefined ? {} : { prefer: (coming, there) => prefer(JSON.parse(coming) as T, JSON.parse(there) as T) }),
        onRefused(document, reason) {
          entryOf ??= new Map(documents.map((each, i) => [each, entries[i]!]));
          refused.push({ entry: entryOf.get(document)!, reason: "refused_by_store", detail: reason });
        },
      });
    } catch (error) {
      if (!(error instanceof SettingsError) || error.code !== "mixed_origins") throw error;
      // A stray demo message must not stop a topic of real ones.
      for (const entry of entries) refused.push({ entry, reason: "mixed_origins", detail: error.message });
      return { written: 0, kept: 0 };
    }
  }
}

/** As toISOString has it. */
const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The last millisecond whose ISO form has four digits for the year: texts of versions sort as their times do. */
const LAST = Date.parse("9999-12-31T23:59:59.999Z");

function byHeader(_: object, headers: Readonly<Record<string, string>>): Origin {
  return headers["origin"] === "demo" ? "demo" : "real";
}

// oxlint-disable-next-line require-await -- `upsert` reads an async source
async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}
