import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { RejectedError } from "../../../src/core/errors.ts";
import { canonicalize } from "../../../src/crawl/url/canonicalize.ts";
import { fingerprint } from "../../../src/crawl/url/fingerprint.ts";
import { hasShared, SHARED } from "../shared-data.ts";

test.each([
  ["HTTP://Foo.COM", "http://foo.com/"],
  ["https://foo.com:443/a", "https://foo.com/a"],
  ["http://foo.com:443/a", "http://foo.com:443/a"],
  ["http://foo.com./a", "http://foo.com/a"],
  ["http://user:pw@foo.com/a", "http://user:pw@foo.com/a"],
  ["http://0x7f.1/a", "http://127.0.0.1/a"],
  ["http://bücher.de/", "http://xn--bcher-kva.de/"],
  ["http://foo.com/a#b", "http://foo.com/a"],
  ["http://foo.com/a/./b/../c", "http://foo.com/a/c"],
  ["http://foo.com/a/b/..", "http://foo.com/a/"],
  ["http://foo.com/.well-known/x", "http://foo.com/.well-known/x"],
  ["http://foo.com/%7Ejoe/%2f%3a%zz", "http://foo.com/~joe/%2F%3A%25zz"],
  ["http://foo.com/tìm kiếm", "http://foo.com/t%C3%ACm%20ki%E1%BA%BFm"],
  ["http://foo.com/?", "http://foo.com/"],
  ["http://foo.com/?b=2&a=1", "http://foo.com/?a=1&b=2"],
  ["http://foo.com/?a=2&a=1", "http://foo.com/?a=1&a=2"],
  ["http://foo.com/?a.b=1&a=2", "http://foo.com/?a=2&a.b=1"],
  ["http://foo.com/?a&b=", "http://foo.com/?a=&b="],
  ["http://foo.com/?&a=1&&b=2&", "http://foo.com/?a=1&b=2"],
  ["http://foo.com/?q=a%20b+c", "http://foo.com/?q=a+b+c"],
  ["http://foo.com/?q=a%2Bb%26c%3Dd%23", "http://foo.com/?q=a%2Bb%26c%3Dd%23"],
  ["http://foo.com/?q=a=b", "http://foo.com/?q=a%3Db"],
  ["http://foo.com/?u=http%3A%2F%2Fx%2Fy'", "http://foo.com/?u=http://x/y'"],
  ["http://foo.com/?x[y]=1", "http://foo.com/?x%5By%5D=1"],
  ["http://foo.com/?q=nhà", "http://foo.com/?q=nh%C3%A0"],
  ["ftp://foo.com/a#b", "ftp://foo.com/a"],
])("%s is compared as %s", (url, canonical) => {
  expect(canonicalize(url)).toBe(canonical);
  expect(canonicalize(canonical)).toBe(canonical);
});

test("what differs for a server stays different", () => {
  for (const [a, b] of [
    ["http://foo.com/a", "http://foo.com/A"],
    ["http://foo.com/a", "http://foo.com/a/"],
    ["http://foo.com//a", "http://foo.com/a"],
    ["http://foo.com/a%2Fb", "http://foo.com/a/b"],
    ["http://foo.com/a", "https://foo.com/a"],
    ["http://foo.com/?a=1", "http://foo.com/?a=2"],
    ["http://foo.com/?a=1%26b=2", "http://foo.com/?a=1&b=2"],
    ["http://foo.com/", "http://www.foo.com/"],
  ] as const)
    expect(canonicalize(a)).not.toBe(canonicalize(b));
});

test("the short cut for plain URLs gives what the long way gives", () => {
  // A fragment forces the long way.
  const hosts = [
    "foo.com",
    "a-b.c1.vn",
    "1.2.3",
    "0x1.0x2",
    "foo.0",
    "xn--bcher-kva.de",
    "xn--a",
    "foo.com.",
    "localhost",
    "a..b",
    "foo_bar.com",
    "255.255.255.256",
  ];
  const paths = ["/", "/a-b_c~d.e!$'()*,;:@=+&", "//a//b", "/./a", "/a/../b", "/a.", "/...", "/a/.", "/%41%2f", "/a b", "/a|b"];
  const queries = ["", "?", "?a=1", "?b=1&a=2", "?a", "?a=b=c", "?a=%20+%27'", "?x[]=1", "?a=/?:@", '?a="<>', "?=1&a", "?a=`{|}^\\"];
  let compared = 0;
  for (const host of hosts)
    for (const path of paths)
      for (const query of queries) {
        const url = `http://${host}${path}${query}`;
        const outcome = (text: string) => {
          try {
            return canonicalize(text);
          } catch {
            return "refused";
          }
        };
        expect(outcome(url), url).toBe(outcome(`${url}#long`));
        compared++;
      }
  expect(compared).toBe(hosts.length * paths.length * queries.length);
});

test("what is no absolute URL is refused", () => {
  for (const text of ["", "foo.com/a", "/a", "http://", "http://a b/"]) expect(() => canonicalize(text), text).toThrow(RejectedError);
});

test("a fingerprint is 16 bytes, equal for equal pages, different for different ones", () => {
  expect(fingerprint("http://Foo.com/?b=1&a=2#x")).toEqual(fingerprint("http://foo.com/?a=2&b=1"));
  // Stored in journals: must never change.
  expect(fingerprint("https://batdongsan.com.vn/ban-nha-pr1").toString("hex")).toBe("d12c38cc36509649ce121b378e5f3b22");
  const seen = new Set<string>();
  for (let i = 0; i < 100_000; i++) seen.add(fingerprint(`https://foo.com/p${i}`).toString("latin1"));
  expect(seen.size).toBe(100_000);
  expect(fingerprint("https://foo.com/").length).toBe(16);
});

describe.skipIf(!hasShared)("crawler-commons' URL normalisation table", () => {
  /** Where we hold two URLs apart, or cannot read one, on purpose. */
  const EXCEPTIONS: readonly [pattern: RegExp, reason: string][] = [
    [
      /^https?:\/\/[^/]+\/[^?]*\/\/|^https?:\/\/[^/]+\/\/|^file:\/[^/].*\/\//,
      "doubled slashes name another resource for many servers; merging would lose pages silently",
    ],
    [/\?&?=/, "a parameter without a name is kept, as Scrapy does"],
    [/^foo\.com/, "links without a scheme are relative ones"],
    [/^(?:ftp|http):\/*$/, "no host: no URL by WHATWG, or none that can be fetched"],
  ];
  const rows = hasShared ? readTable(readFileSync(`${SHARED}/crawl-fixtures/weirdToNormalizedUrls.csv`, "utf8")) : [];

  test("is all there", () => expect(rows.length).toBe(112));

  test.each(rows)("%j is the same as %j", (weird, normal) => {
    const exception = EXCEPTIONS.find(([pattern]) => pattern.test(weird.trim()));
    if (exception === undefined) expect(canonicalize(weird)).toBe(canonicalize(normal));
    else expect(same(weird, normal), `no exception any more: ${exception[1]}`).toBe(false);
  });
});

function same(a: string, b: string): boolean {
  try {
    return canonicalize(a) === canonicalize(b);
  } catch {
    return false;
  }
}

/** `weird, normal`: the first may be quoted, and may hold any character but a comma followed by a URL. */
function readTable(text: string): [string, string][] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const comma = line.lastIndexOf(",", line.length - 1);
      const weird = line.slice(0, comma);
      return [weird.startsWith('"') ? weird.slice(1, -1).replaceAll('""', '"') : weird, line.slice(comma + 1).trim()];
    });
}
