export interface Family {
  type: string;
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;
const SUFFIXES: Record<string, readonly string[]> = { histogram: ["_bucket", "_sum", "_count"], summary: ["", "_sum", "_count"] };

/**
 * Reads Prometheus's text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/) and refuses what it forbids: a
 * sample before its TYPE, lines of a metric apart from each other, a sample twice, a counter below 0, a line that does not end.
 */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let current: { name: string; help?: string; family?: Family } | undefined;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const comment = new RegExp(`^# (HELP|TYPE) (${NAME}) (.*)$`).exec(line);
    if (comment !== null) {
      const [, kind, name = "", rest = ""] = comment;
      if (kind === "HELP") {
        if (families.has(name)) throw new Error(`${name} stands in two places`);
        current = { name, help: rest };
      } else {
        if (current?.name !== name || current.family !== undefined) throw new Error(`TYPE of ${name} is out of place`);
        if (!["counter", "gauge", "histogram", "summary", "untyped"].includes(rest)) throw new Error(`${name} has the type ${rest}`);
        current.family = { type: rest, help: current.help ?? "", samples: [] };
        families.set(name, current.family);
      }
      continue;
    }
    const sample = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`).exec(line);
    if (sample === null) throw new Error(`no sample: ${line}`);
    const [, name, labelText = "", number] = sample;
    const family = current?.family;
    if (family === undefined || !(SUFFIXES[family.type] ?? [""]).some((suffix) => name === current!.name + suffix))
      throw new Error(`${name} stands apart from its TYPE`);
    const labels = parseLabels(labelText);
    const key = [
      name,
      ...Object.entries(labels)
        .map(([label, value]) => JSON.stringify([label, value]))
        .toSorted(),
    ].join(" ");
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    const value = /^[+-]?Inf$/.test(number!) ? Infinity : Number(number === "Nan" || number === "NaN" ? Number.NaN : number);
    if (number !== "NaN" && number !== "Nan" && Number.isNaN(value)) throw new Error(`no number: ${line}`);
    if (family.type === "counter" && value < 0) throw new Error(`a counter below 0: ${line}`);
    family.samples.push({ name: name!, labels, value });
  }
  return families;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  for (let at = 0; at < text.length; at = LABEL.lastIndex) {
    const found = LABEL.exec(text);
    if (found === null) throw new Error(`no labels: ${text.slice(at)}`);
    const [, label = "", value = ""] = found;
    if (label in labels) throw new Error(`a label twice: ${text}`);
    labels[label] = value.replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c));
  }
  return labels;
}

/** The value of the one sample that has these labels, whatever others it has. */
export function valueOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = families
    .get(name)
    ?.samples.filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value));
  if (found !== undefined && found.length > 1) throw new Error(`${name} has ${found.length} such samples`);
  return found?.[0]?.value;
}
