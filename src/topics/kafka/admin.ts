import type { Admin } from "kafkajs";
import { connectTo } from "./client.ts";
import { kafkaError } from "./errors.ts";
import type { KafkaOptions } from "./options.ts";

/** With a connection of its own: kafkajs's admin client never renews what it knows of partitions and their leaders. */
export async function withAdmin<T>(options: KafkaOptions, action: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = connectTo(options).admin();
  try {
    await admin.connect();
    return await work(admin);
  } catch (error) {
    throw kafkaError(action, error, options);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
