/**
 * `npm run sample:events`: sends events into the topic that the stream `stream_events` reads, embedded or in Kafka. docs/events.md
 */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { openTopic } from "../src/app/topics.ts";
import { addSetOption, openSession } from "../src/cli/session.ts";
import { ArachneError, describeError } from "../src/core/errors.ts";
import { sampleEvents } from "../domain/events/samples.ts";

interface Options {
  count: number;
  seed?: number;
  set?: string[];
}

/** Messages handed over at once. */
const BATCH = 1000;

function whole(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError("a whole number is wanted");
  return number;
}

async function main({ count, seed: given, set }: Options): Promise<void> {
  const { settings, log, now } = await openSession({ set });
  const until = now();
  const seed = given ?? until.getTime();
  const name = settings.KAFKA_TOPIC;
  const topic = await openTopic(name, { settings, log, now });
  try {
    await using producer = await topic.producer();
    let batch: { key: string; value: string }[] = [];
    for (const event of sampleEvents({ count, seed, until })) {
      batch.push({ key: event.event_id, value: JSON.stringify(event) });
      if (batch.length < BATCH) continue;
      await producer.send(batch);
      batch = [];
    }
    if (batch.length > 0) await producer.send(batch);
  } finally {
    await topic.close();
  }
  process.stdout.write(
    `sent ${count} events to ${name} (${settings.KAFKA_BOOTSTRAP_SERVERS ?? "embedded topic"}), seed ${seed}\n` +
      "read them: npx arachne stream run stream_events --until-end\n",
  );
}

const command = addSetOption(new Command("npm run sample:events --"))
  .description("Sends sample events into the topic KAFKA_TOPIC, in Kafka under KAFKA_BOOTSTRAP_SERVERS, else in the embedded log.")
  .option("-n, --count <events>", "how many", whole, 10)
  .option(
    "--seed <number>",
    "the same events for the same seed, their times aside; default: the time now, so that they are new ones",
    whole,
  )
  .allowExcessArguments(false)
  .exitOverride()
  .action(main);
try {
  await command.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`error ${error instanceof ArachneError ? error.message : describeError(error)}\n`);
    process.exitCode = error instanceof ArachneError ? error.exitCode : 1;
  }
}
