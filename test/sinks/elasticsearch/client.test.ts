import { expect, test } from "vitest";
import type { FrameworkSettings } from "../../../src/core/settings.ts";
import { settingsSchema } from "../../../src/core/settings-schema.ts";
import { nodesOf, openClient } from "../../../src/sinks/elasticsearch/client.ts";

const settings = (given: Partial<FrameworkSettings>): FrameworkSettings => ({ ...settingsSchema.parse({}), ...given });

test("several nodes are named by comma", () => {
  expect(nodesOf(settings({ ELASTICSEARCH_URL: "http://a:9200/, https://b:9200/es ," }))).toEqual(["http://a:9200", "https://b:9200/es"]);
});

test.each([
  ["http://elastic:geheim@a:9200", /ELASTICSEARCH_USERNAME/],
  ["elastic:geheim@a:9200", /without a user or a password/],
  ["localhost:9200", /is localhost:9200: write http:\/\/host:9200/],
  ["a", /write http:\/\/host:9200/],
])("the address %s is refused with what to write instead, and no password is printed", (url, hint) => {
  const open = () => openClient(settings({ ELASTICSEARCH_URL: url }));
  expect(open).toThrow(hint);
  expect(open).not.toThrow(/geheim/);
});

test("a login is an API key, or a user with a password", () => {
  const login = (given: Partial<FrameworkSettings>) => () => openClient(settings({ ELASTICSEARCH_URL: "http://a:9200", ...given }));
  expect(login({ ELASTICSEARCH_API_KEY: "k", ELASTICSEARCH_USERNAME: "u" })).toThrow(/set one kind of login/);
  expect(login({ ELASTICSEARCH_USERNAME: "u" })).toThrow(/set both/);
  expect(login({ ELASTICSEARCH_PASSWORD: "p" })).toThrow(/set both/);
});

test("a certificate authority's file that cannot be read is named", () => {
  expect(() => openClient(settings({ ELASTICSEARCH_URL: "https://a:9200", ELASTICSEARCH_CA_FILE: "/nowhere/ca.pem" }))).toThrow(
    /cannot read ELASTICSEARCH_CA_FILE \/nowhere\/ca.pem/,
  );
});
