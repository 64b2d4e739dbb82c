import { Option, type Command } from "commander";
import { countLetters, findLetter, originTopics, readLetters, type LetterFilter } from "../app/dead-letters-read.ts";
import { replayLetters } from "../app/dead-letters-replay.ts";
import type { Context } from "../core/context.ts";
import { SettingsError } from "../core/errors.ts";
import { createInterrupt } from "./interrupt.ts";
import { note, print, toJson } from "./output.ts";
import { addSetOption, openSession, type Session } from "./session.ts";
import { count, table } from "./terminal.ts";

interface Options extends LetterFilter {
  set?: string[];
  json?: boolean;
  raw?: boolean;
  all?: boolean;
  to: "refuser" | "everyone";
}

const EXAMPLES = `
Examples:
  arachne deadletters list                             how many, by reason
  arachne deadletters list --stream bds_listings --json
  arachne deadletters show batdongsan/0/17/bds_listings@1795000000000
  arachne deadletters show ID --raw > value.bin        as it was, byte for byte
  arachne deadletters replay --reason 'title: required'
  arachne deadletters replay ID
  arachne deadletters replay --all --to everyone

Letters stand in the topic <topic>.dead. What was put back is marked and not put
back again; it goes to the stream that set it aside, and what a sink refused to
that sink alone, unless --to everyone.`;

export default function (command: Command): void {
  command.addHelpText("after", EXAMPLES);
  filtered(command.command("list").description("how many there are, where and why"))
    .option("--json", "each letter as JSON, one a line")
    .action(list);
  addSetOption(command.command("show").description("one letter, with its value").exitOverride())
    .argument("<id>", "as list prints it")
    .option("--raw", "nothing but the value, byte for byte")
    .option("--json", "as one JSON object")
    .action(show);
  filtered(command.command("replay").description("put letters back into the topic that they came from"))
    .argument("[id]", "one letter")
    .option("--all", "all that were not put back yet")
    .addOption(new Option("--to <whom>", "for whom it is put back").choices(["refuser", "everyone"]).default("refuser"))
    .option("--json", "the counts as one JSON object")
    .action(replay);
}

function filtered(command: Command): Command {
  return addSetOption(command.exitOverride())
    .option("--reason <reason>", "only those set aside for this reason")
    .option("--stream <name>", "only those that this stream set aside")
    .option("--topic <name>", "only those from this topic (default: the topics of all streams)")
    .addHelpText("after", EXAMPLES);
}

/** A session with a signal that SIGINT and SIGTERM abort. */
async function interruptible(set: string[] | undefined, work: (session: Session & Context) => Promise<void>): Promise<void> {
  const session = await openSession({ set });
  const interrupt = createInterrupt(session.log);
  try {
    await work({ ...session, signal: interrupt.signal });
  } finally {
    const code = interrupt.exitCode();
    if (code !== undefined) process.exitCode = code;
    interrupt.dispose();
  }
}

function list(filter: Options): Promise<void> {
  return interruptible(filter.set, async (session) => {
    if (filter.json === true) {
      for (const topic of await originTopics(session.project, filter, session))
        for await (const { letter, replayed } of readLetters(topic, filter, session)) await print(`${toJson({ ...letter, replayed })}\n`);
      return;
    }
    const counts = await countLetters(session.project, filter, session);
    if (counts.length === 0) return note("no dead letters");
    const rows = counts.map((c) => [
      c.letters,
      c.replayed,
      c.sink === undefined ? c.stream : `${c.stream}.${c.sink}`,
      c.stage,
      c.reason,
      c.example,
    ]);
    await print(`${table(["letters", "put back", "by", "stage", "reason", "for example"], rows)}\n`);
  });
}

function show(id: string, { set, raw, json }: Options): Promise<void> {
  return interruptible(set, async (session) => {
    const { letter, message, replayed } = await findLetter(id, session);
    if (raw === true) return print(message.bytes ?? message.value);
    const value = message.bytes === undefined ? { value: message.value } : { bytes: Buffer.from(message.bytes).toString("base64") };
    if (json === true) return print(`${toJson({ ...letter, replayed, key: message.key, ...value })}\n`);
    const { origin } = letter;
    const rows = [
      ["by", letter.sink === undefined ? letter.stream : `${letter.stream}.${letter.sink}`],
      ["stage", letter.stage],
      ["reason", letter.reason],
      ["detail", letter.detail],
      ["from", `${origin.topic}, partition ${origin.partition}, offset ${origin.offset}, ${new Date(origin.time).toISOString()}`],
      ["key", message.key],
      ["headers", toJson(letter.headers)],
      ["put back", replayed ? "yes" : "no"],
    ];
    await print(`${table(["letter", id], rows)}\n`);
    note(message.bytes === undefined ? "" : "(no UTF-8: a lossy reading follows; --raw prints the bytes)");
    await print(`${JSON.stringify(message.value)}\n`);
  });
}

function replay(id: string | undefined, options: Options): Promise<void> {
  const { reason, stream, topic, all, to, json } = options;
  const chosen = [id, reason, stream, topic].some((given) => given !== undefined);
  if (!chosen && all !== true)
    throw new SettingsError("replay_what", "deadletters: say which to put back: an id, --reason, --stream, --topic, or --all");
  return interruptible(options.set, async (session) => {
    const from = id === undefined ? topic : (await findLetter(id, session)).letter.origin.topic;
    const counts = await replayLetters({ ...session, filter: { reason, stream, topic: from }, id, to });
    if (json === true) return print(`${toJson(counts)}\n`);
    await print(`${count(counts.replayed)} put back, ${count(counts.already)} had been before\n`);
    if (counts.cut > 0) note(`${count(counts.cut)} cannot be: their values were too large for the dead-letter topic, and were cut`);
  });
}
