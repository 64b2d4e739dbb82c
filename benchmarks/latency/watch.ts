import { setTimeout as sleep } from "node:timers/promises";
import kafkajs from "kafkajs";

export interface Seen {
  /** From the broker's append to the search that found it, in milliseconds. */
  fromAppend: number;
  /** … from the page's fetch. */
  fromFetch: number;
}

export interface Watch {
  /** Every message that has been found. */
  readonly seen: readonly Seen[];
  /** Messages that no search has found yet. */
  waiting(): number;
  /** Messages that were read. */
  read(): number;
  stop(): Promise<void>;
}

/** At least, between a search's answer and the next search. */
export const POLL_MS = 20;
const MOST = 500;
const FIRST_SEARCHES = 5;

/** Resolves when a consumer group reads. */
export async function joined(broker: string, group: string): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: [broker], clientId: "latency", logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  for (;;) {
    const { groups } = await admin.describeGroups([group]);
    if (groups[0]?.state === "Stable" && groups[0].members.length > 0) break;
    await sleep(200);
  }
  await admin.disconnect();
}

interface Message {
  link: string;
  version: number;
  appended: number;
}

/** Reads the topic as another consumer group does, and searches for each message's document until it is found in that version or a newer one. */
export async function watchTopic(broker: string, topic: string, elasticsearch: string, alias: string): Promise<Watch> {
  const kafka = new kafkajs.Kafka({ brokers: [broker], clientId: "latency", logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: "latency", maxWaitTimeInMs: 50 });
  const waiting = new Set<Message>();
  const seen: Seen[] = [];
  let read = 0;
  const stopped = new AbortController();
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      const { link, crawled_at } = JSON.parse(String(message.value)) as { link: string; crawled_at: string };
      waiting.add({ link, version: Date.parse(crawled_at), appended: Number(message.timestamp) });
      read++;
      return Promise.resolve();
    },
  });

  async function look(asked = [...waiting].slice(0, MOST)): Promise<void> {
    const query = { terms: { link: [...new Set(asked.map(({ link }) => link))] } };
    const answer = await fetch(`${elasticsearch}/${alias}/_search?filter_path=hits.hits._id,hits.hits._version`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, size: MOST, version: true, _source: false, track_total_hits: false }),
    });
    const { hits } = (await answer.json()) as { hits?: { hits: { _id: string; _version: number }[] } };
    const now = Date.now();
    const versions = new Map((hits?.hits ?? []).map((hit) => [hit._id, hit._version]));
    for (const message of asked) {
      if ((versions.get(message.link) ?? 0) < message.version) continue;
      waiting.delete(message);
      seen.push({ fromAppend: now - message.appended, fromFetch: now - message.version });
    }
  }

  // What is measured is how soon a search finds a document, not how long a server's first search takes.
  for (let i = 0; i < FIRST_SEARCHES; i++) await look([{ link: "https://bds.example/none", version: 1, appended: 0 }]);
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      const since = performance.now();
      if (waiting.size > 0) await look();
      // A busy server is not kept busy by us.
      await sleep(Math.max(POLL_MS, performance.now() - since));
    }
  })();
  return {
    seen,
    waiting: () => waiting.size,
    read: () => read,
    async stop() {
      stopped.abort();
      await loop;
      await consumer.disconnect();
    },
  };
}
