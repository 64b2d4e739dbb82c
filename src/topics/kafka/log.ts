import kafkajs, { type LogEntry, type logCreator } from "kafkajs";
import type { Logger } from "../../core/context.ts";

const QUIET_MS = 10_000;
/** Why a connection of a consumer that has left is ended, as an error: nobody need hear of it. */
export const LEFT = "the consumer has left";

/**
 * kafkajs's own lines become ours: that a broker cannot be reached is said, but not at every try; what it makes of it comes
 * back as an error of ours, so that all else is for LOG_LEVEL=debug.
 */
export function logInto(log: Logger): logCreator {
  let quietUntil = 0;
  return () =>
    ({ namespace, level, log: entry }: LogEntry) => {
      const { timestamp: _, message, logger: __, stack: ___, ...fields } = entry;
      if (namespace === "ConsumerGroup" && message.startsWith("Offset out of range")) {
        const place = `${String(fields["topic"])}/${String(fields["partition"])}`;
        log.warn(
          `kafka: group ${String(fields["groupId"])} stood at a place of ${place} that is gone (removed by retention, or the topic was made anew): it goes on at the oldest message that is there`,
        );
      } else if (
        namespace === "Connection" &&
        level === kafkajs.logLevel.ERROR &&
        message.startsWith("Connection") &&
        !message.endsWith(LEFT) &&
        Date.now() >= quietUntil
      ) {
        quietUntil = Date.now() + QUIET_MS;
        log.warn(`kafka: ${String(fields["broker"])} does not answer, trying again`, { error: message });
      } else log.debug(`kafka: ${namespace}: ${message}`, fields);
    };
}
