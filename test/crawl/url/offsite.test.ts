import { expect, test } from "vitest";
import { SettingsError } from "../../../src/core/errors.ts";
import { createOffsiteFilter } from "../../../src/crawl/url/offsite.ts";

test("the given domains and their sub-domains are let through, look-alikes are not", () => {
  const { allows, allowsHost } = createOffsiteFilter(["example.com", "b.example.net", "1.2.3.4"]);
  const inside = [
    "http://example.com/",
    "https://example.com",
    "http://www.example.com:8080/x",
    "http://EXAMPLE.com./",
    "http://a.b.example.net?x",
    "http://user@example.com/",
    "http://1.2.3.4/",
  ];
  for (const url of inside) expect(allows(url), url).toBe(true);
  const outside = [
    "http://example.net/",
    "http://notexample.com/",
    "http://example.com.evil.net/",
    "http://evil.net/?example.com",
    "http://example.com@evil.net/",
    "http://0.1.2.3.4/",
    "mailto:a@example.com",
    "no url",
  ];
  for (const url of outside) expect(allows(url), url).toBe(false);
  expect(allows(new URL("http://www.example.com/"))).toBe(true);
  expect(allows(new URL("http://www.example.org/"))).toBe(false);
  expect(allowsHost("x.example.com")).toBe(true);
});

test("domains may be written with a star, in capitals, beyond ASCII, or as a URL by mistake", () => {
  const { allows } = createOffsiteFilter(["*.Example.com", ".bücher.de", "https://foo.vn:8080/x"]);
  for (const url of ["http://a.example.com/", "http://xn--bcher-kva.de/", "http://bücher.de/", "http://foo.vn/"])
    expect(allows(url), url).toBe(true);
  expect(() => createOffsiteFilter(["not a host"])).toThrow(SettingsError);
});

test("without domains everything is let through", () => {
  expect(createOffsiteFilter(undefined).allows("http://anything.example/")).toBe(true);
  expect(createOffsiteFilter([]).allows("http://anything.example/")).toBe(true);
});

test("a port, or a host seen very often, changes nothing about the answer", () => {
  const { allows } = createOffsiteFilter(["example.com"]);
  for (let i = 0; i < 25_000; i++) expect(allows(`http://h${i}.example.${i % 2 === 0 ? "com" : "org"}/`)).toBe(i % 2 === 0);
});
