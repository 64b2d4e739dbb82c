import { CriticalError } from "./errors.ts";

/** @param what of the topic, as `t.db ends before message 7` */
export function topicBehind(what: string, group: string): CriticalError {
  return notTheSame("topic_behind", what, group);
}

export function topicMadeAnew(what: string, group: string): CriticalError {
  return notTheSame("topic_made_anew", what, group);
}

function notTheSame(code: string, what: string, group: string): CriticalError {
  return new CriticalError(
    code,
    `topic: ${what}, from which group ${group} is to go on: it is not the topic that was read before: begin anew, or bring the former one back`,
  );
}
