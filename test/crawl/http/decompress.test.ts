import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { RejectedError } from "../../../src/core/errors.ts";
import { decode } from "../../../src/crawl/http/decode.ts";
import { ACCEPT_ENCODING, decompress, gunzipIfGzip } from "../../../src/crawl/http/decompress.ts";
import { hasShared, SHARED } from "../shared-data.ts";

const URL = "http://a.example/";
const PAGE = Buffer.from(`<p>${"Bán nhà riêng ".repeat(500)}</p>`);
const MAX = 1_000_000;

/** What came of it, told by a digest: comparing long buffers element by element takes seconds. */
const told = (body: Buffer, damaged: boolean) => ({ digest: createHash("sha1").update(body).digest("hex"), damaged });
const whole = (body: Buffer) => told(body, false);
const undo = async (body: Buffer, encoding: string) => {
  const { body: decoded, damaged } = await decompress(body, encoding, MAX, URL);
  return told(decoded, damaged);
};
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => "no error",
    (error: unknown) => (error instanceof RejectedError ? error.code : error),
  );

test.each([
  ["gzip", gzipSync(PAGE)],
  ["x-gzip", gzipSync(PAGE)],
  [" GZIP ", gzipSync(PAGE)],
  ["deflate", deflateSync(PAGE)],
  ["deflate", deflateRawSync(PAGE)],
  ["br", brotliCompressSync(PAGE)],
  ["gzip, br", brotliCompressSync(gzipSync(PAGE))],
  ["deflate, gzip, identity", gzipSync(deflateSync(PAGE))],
  ["gzip", Buffer.concat([gzipSync(PAGE.subarray(0, 100)), gzipSync(PAGE.subarray(100))])],
  ["gzip", Buffer.concat([gzipSync(PAGE), Buffer.alloc(100)])],
])("Content-Encoding %s is undone, the last layer first", async (encoding, body) => {
  expect(await undo(body, encoding)).toEqual(whole(PAGE));
});

test("a large body is unpacked off the main thread with the same result and the same bound", async () => {
  const noise = Buffer.from(createHash("shake256", { outputLength: 300_000 }).update("noise").digest());
  for (const [encoding, body] of [
    ["gzip", gzipSync(noise)],
    ["deflate", deflateRawSync(noise)],
    ["br", brotliCompressSync(noise)],
  ] as const) {
    expect(body.length).toBeGreaterThan(64 * 1024);
    expect(await undo(body, encoding)).toEqual(whole(noise));
    expect(await code(decompress(body, encoding, 200_000, URL))).toBe("body_too_large");
  }
});

test("words that are no encoding leave the body alone, encodings that cannot be read are named", async () => {
  for (const word of ["identity", "utf-8", "none", ""]) expect(await undo(PAGE, word)).toEqual(whole(PAGE));
  await expect(decompress(PAGE, "compress", MAX, URL)).rejects.toThrow(
    `download: ${URL}: body cannot be decompressed: compress is not supported here`,
  );
});

test("a body that was labelled gzip and is plain is taken as it is", async () => {
  expect(await undo(PAGE, "gzip")).toEqual(whole(PAGE));
});

test.each([
  ["gzip", gzipSync(PAGE)],
  ["deflate", deflateSync(PAGE)],
  ["deflate", deflateRawSync(PAGE)],
  ["br", brotliCompressSync(PAGE, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
])("a %s body that ends early gives what can be read of it, and says so", async (encoding, body) => {
  const { body: part, damaged } = await decompress(body.subarray(0, body.length - 12), encoding, MAX, URL);
  expect(damaged).toBe(true);
  expect(part.length).toBeGreaterThan(0);
  expect(PAGE.subarray(0, part.length).equals(part)).toBe(true);
});

test("a wrong checksum does not cost the page, as in browsers, even behind a long gzip header", async () => {
  const plain = gzipSync(PAGE);
  const header = Buffer.from([0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 255, 3, 0, 1, 2, 3, ...Buffer.from("name\0comment\0"), 9, 9]);
  const bad = Buffer.concat([header, plain.subarray(10)]);
  bad[bad.length - 6]! ^= 0xff;
  expect(await undo(bad, "gzip")).toEqual(told(PAGE, true));
  const trailed = Buffer.concat([plain, Buffer.from("trailing garbage")]);
  expect(await undo(trailed, "gzip")).toEqual(told(PAGE, true));
});

test("broken data is refused, not passed on as a page", async () => {
  const broken = gzipSync(PAGE);
  broken.fill(0xff, 12, 40);
  expect(await code(decompress(broken, "gzip", MAX, URL))).toBe("bad_encoding");
  expect(await code(decompress(Buffer.from("<html>"), "br", MAX, URL))).toBe("bad_encoding");
  expect(await code(decompress(gzipSync(PAGE).subarray(0, 10), "gzip", MAX, URL))).toBe("bad_encoding");
});

test("layers upon layers are refused", async () => {
  expect(await code(decompress(PAGE, "gzip, gzip, gzip, gzip, gzip", MAX, URL))).toBe("bad_encoding");
});

test("gunzipIfGzip goes by the content", async () => {
  expect(await gunzipIfGzip(gzipSync(PAGE), MAX, URL)).toEqual(PAGE);
  expect(await gunzipIfGzip(PAGE, MAX, URL)).toBe(PAGE);
  expect(await code(gunzipIfGzip(gzipSync(Buffer.alloc(MAX + 1)), MAX, URL))).toBe("body_too_large");
});

// ../shared stands beside the repository, not in it; where it is, CI fails if these are skipped.
describe.skipIf(!hasShared)("Scrapy's compressed samples", () => {
  const read = (name: string) => readFileSync(`${SHARED}/crawl-fixtures/scrapy/sample_data/compressed/${name}`);
  const html = hasShared ? gunzipSync(read("html-gzip.bin")) : Buffer.alloc(0);
  const zstd = ACCEPT_ENCODING.includes("zstd");

  test.each([
    ["html-gzip.bin", "gzip"],
    ["html-br.bin", "br"],
    ["html-gzip-deflate.bin", "gzip, deflate"],
    ["html-gzip-deflate-gzip.bin", "gzip, deflate, gzip"],
  ])("%s", async (name, encoding) => {
    expect(html.length).toBeGreaterThan(30_000);
    expect(await undo(read(name), encoding)).toEqual(whole(html));
  });

  test("html-zlibdeflate.bin and html-rawdeflate.bin (a later state of the page)", async () => {
    const { body, damaged } = await decompress(read("html-zlibdeflate.bin"), "deflate", MAX, URL);
    expect(damaged).toBe(false);
    expect(body.subarray(0, 9).toString()).toBe("<!DOCTYPE");
    expect(body.toString()).toMatch(/<\/html>\s*$/);
    expect(await undo(read("html-rawdeflate.bin"), "deflate")).toEqual(whole(body));
  });

  test.each(["html-zstd-static-content-size.bin", "html-zstd-static-no-content-size.bin", "html-zstd-streaming-no-content-size.bin"])(
    "%s is read where Node has zstd, else refused by name",
    async (name) => {
      if (zstd) expect(await undo(read(name), "zstd")).toEqual(whole(html));
      else await expect(decompress(read(name), "zstd", MAX, URL)).rejects.toThrow("zstd is not supported here");
    },
  );

  test.each([
    ["bomb-gzip.bin", "gzip"],
    ["bomb-deflate.bin", "deflate"],
    ["bomb-br.bin", "br"],
    ["bomb-zstd.bin", "zstd"],
  ])("%s is defused", async (name, encoding) => {
    const expected = encoding === "zstd" && !zstd ? "bad_encoding" : "body_too_large";
    expect(await code(decompress(read(name), encoding, MAX, URL))).toBe(expected);
  });

  test.each([
    ["truncated-crc-error.gz", "</html"],
    ["truncated-crc-error-short.gz", "</html>"],
  ])("%s gives its page for all its cut checksum", async (name, end) => {
    const { body, damaged } = await decompress(read(name), "gzip", MAX, URL);
    expect(damaged).toBe(true);
    expect(body.subarray(-end.length).toString()).toBe(end);
  });

  test("unexpected-eof.gz gives all that was sent", async () => {
    const { body, damaged } = await decompress(read("unexpected-eof.gz"), "gzip", MAX, URL);
    expect(damaged).toBe(true);
    expect(decode(body, "text/html; charset=cp1252").text).toBe(read("unexpected-eof-output.txt").toString("utf8"));
  });

  test("feed-sample1.xml.gz is the feed", async () => {
    expect(await gunzipIfGzip(read("feed-sample1.xml.gz"), MAX, URL)).toEqual(read("feed-sample1.xml"));
  });
});
