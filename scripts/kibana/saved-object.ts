/** A line of Kibana's export format. `references` name what `attributes` speak of, so that Kibana can give other ids. */
export interface SavedObject {
  type: "index-pattern" | "lens" | "map" | "dashboard";
  id: string;
  attributes: Readonly<Record<string, unknown>>;
  references: readonly Reference[];
}

export interface Reference {
  type: SavedObject["type"];
  id: string;
  /** Where in the attributes. */
  name: string;
}

/** Versions of the types' formats, as Kibana 8.19 exports them. An importing Kibana brings older ones up to its own, and refuses newer ones. */
const FORMATS = { "index-pattern": "8.0.0", lens: "8.9.0", map: "8.4.0", dashboard: "10.3.0" } as const;
const CORE_FORMAT = "8.8.0";

/** As Kibana's own exports: a line an object, the keys of each in order. */
export function toNdjson(objects: readonly SavedObject[]): string {
  return objects
    .map(({ type, id, attributes, references }) => {
      const line = {
        attributes,
        coreMigrationVersion: CORE_FORMAT,
        id,
        managed: false,
        references,
        type,
        typeMigrationVersion: FORMATS[type],
      };
      return `${JSON.stringify(line)}\n`;
    })
    .join("");
}
