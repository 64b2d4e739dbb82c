import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { RejectedError } from "../../core/errors.ts";

interface ZlibOptions {
  maxOutputLength?: number;
  finishFlush?: number;
  chunkSize?: number;
}
interface Codec {
  sync(body: Uint8Array, options: ZlibOptions): Buffer;
  async(body: Uint8Array, options: ZlibOptions): Promise<Buffer>;
  /** What can be read of a stream that is cut short or whose checksum is wrong. */
  salvage(body: Buffer, options: ZlibOptions): Buffer;
}
/** node:zlib has zstd from 22.15 on. */
interface MaybeZstd {
  zstdDecompressSync?: Codec["sync"];
  zstdDecompress?: (body: Uint8Array, options: ZlibOptions, done: (error: Error | null, result: Buffer) => void) => void;
}

const { zstdDecompressSync, zstdDecompress } = zlib as typeof zlib & MaybeZstd;
const SYNC = { finishFlush: zlib.constants.Z_SYNC_FLUSH };
/** Above this, decompression leaves the main thread; below it, the hand-over costs more than the work. */
const ASYNC_FROM = 64 * 1024;
/** Nobody encodes more often than this in earnest; each further layer multiplies a bomb. */
const MAX_LAYERS = 4;

const gzip: Codec = {
  sync: zlib.gunzipSync,
  async: promisify<Uint8Array, ZlibOptions, Buffer>(zlib.gunzip),
  salvage: (body, options) => zlib.inflateRawSync(body.subarray(gzipHeaderLength(body)), { ...options, ...SYNC }),
};

const deflate: Codec = {
  // RFC 9110 says zlib; some servers send the raw stream, and browsers take both.
  sync: (body, options) => (isZlib(body) ? zlib.inflateSync(body, options) : zlib.inflateRawSync(body, options)),
  async: (body, options) => (isZlib(body) ? inflateAsync(body, options) : inflateRawAsync(body, options)),
  salvage: (body, options) => zlib.inflateRawSync(isZlib(body) ? body.subarray(2) : body, { ...options, ...SYNC }),
};
const inflateAsync = promisify<Uint8Array, ZlibOptions, Buffer>(zlib.inflate);
const inflateRawAsync = promisify<Uint8Array, ZlibOptions, Buffer>(zlib.inflateRaw);

const br: Codec = {
  sync: zlib.brotliDecompressSync,
  async: promisify<Uint8Array, ZlibOptions, Buffer>(zlib.brotliDecompress),
  salvage: (body, options) => zlib.brotliDecompressSync(body, { ...options, finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH }),
};

const CODECS = new Map<string, Codec | undefined>([
  ["gzip", gzip],
  ["x-gzip", gzip],
  ["deflate", deflate],
  ["br", br],
  // Real encodings that cannot be read here. Any other word ("utf-8", "none", "binary") is a server's slip: the body is plain.
  ["zstd", undefined],
  ["compress", undefined],
  ["x-compress", undefined],
  ["dcb", undefined],
  ["dcz", undefined],
]);

if (zstdDecompressSync !== undefined && zstdDecompress !== undefined) {
  CODECS.set("zstd", {
    sync: zstdDecompressSync,
    async: promisify<Uint8Array, ZlibOptions, Buffer>(zstdDecompress),
    salvage: (body, options) => zstdDecompressSync(body, { ...options, finishFlush: 1 /* ZSTD_e_flush */ }),
  });
}

/** What this process can read, for the Accept-Encoding header. */
export const ACCEPT_ENCODING = zstdDecompressSync === undefined ? "gzip, deflate, br" : "gzip, deflate, br, zstd";

export interface Decompressed {
  body: Buffer;
  /** The stream ended early, its checksum was wrong or rubbish followed: `body` is what could be read, as in Scrapy and in browsers. */
  damaged: boolean;
}

/**
 * Undoes a Content-Encoding header, the last layer first. `limit` (bytes; 0: none) bounds the output of every layer while it
 * is being decoded, so a bomb costs at most that much memory.
 * @throws RejectedError `body_too_large` or `bad_encoding`
 */
export async function decompress(body: Buffer, contentEncoding: string, limit: number, url: string): Promise<Decompressed> {
  const layers = contentEncoding
    .toLowerCase()
    .split(",")
    .map((layer) => layer.trim())
    .filter((layer) => CODECS.has(layer));
  if (layers.length > MAX_LAYERS) throw badEncoding(url, `${layers.length} layers of compression`);
  const options: ZlibOptions = limit > 0 ? { maxOutputLength: limit } : {};
  let result: Decompressed = { body, damaged: false };
  for (const layer of layers.reverse()) {
    const codec = CODECS.get(layer);
    if (codec === undefined) throw badEncoding(url, `${layer} is not supported here`);
    if (result.body.length === 0) return result;
    // A body that was labelled gzip and is not (a proxy unpacked it, or the server lied) is taken as it is.
    if (codec === gzip && !isGzip(result.body)) continue;
    const { body: decoded, damaged } = await unpack(codec, result.body, options, layer, url);
    result = { body: decoded, damaged: damaged || result.damaged };
  }
  return result;
}

async function unpack(codec: Codec, body: Buffer, options: ZlibOptions, layer: string, url: string): Promise<Decompressed> {
  try {
    const decoded = body.length < ASYNC_FROM ? codec.sync(body, options) : await codec.async(body, options);
    return { body: decoded, damaged: false };
  } catch (strict) {
    if (isTooLarge(strict)) throw tooLarge(url, options.maxOutputLength ?? 0);
    try {
      const decoded = codec.salvage(body, options);
      if (decoded.length > 0) return { body: decoded, damaged: true };
    } catch (error) {
      if (isTooLarge(error)) throw tooLarge(url, options.maxOutputLength ?? 0);
    }
    throw badEncoding(url, `it is not ${layer}`, strict);
  }
}

/** Unpacks gzip if it is gzip, whatever any header says: sitemaps and feeds come as `.gz` files. */
export async function gunzipIfGzip(body: Buffer, limit: number, url: string): Promise<Buffer> {
  return isGzip(body) ? (await unpack(gzip, body, limit > 0 ? { maxOutputLength: limit } : {}, "gzip", url)).body : body;
}

export function tooLarge(url: string, limit: number): RejectedError {
  return new RejectedError("body_too_large", `download: ${url}: body is over ${limit} bytes: raise DOWNLOAD_MAXSIZE to take it`);
}

function badEncoding(url: string, what: string, cause?: unknown): RejectedError {
  return new RejectedError("bad_encoding", `download: ${url}: body cannot be decompressed: ${what}`, { cause });
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}

function isGzip(body: Uint8Array): boolean {
  return body[0] === 0x1f && body[1] === 0x8b;
}

/** RFC 1950 2.2: the low four bits are 8, and the two bytes are a multiple of 31. */
function isZlib(body: Uint8Array): boolean {
  const [cmf = 0, flags = 0] = body;
  return (cmf & 15) === 8 && ((cmf << 8) | flags) % 31 === 0;
}

/** RFC 1952 2.3. */
function gzipHeaderLength(body: Buffer): number {
  const flags = body[3] ?? 0;
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + (body[at] ?? 0) + ((body[at + 1] ?? 0) << 8);
  for (const bit of [8, 16]) if ((flags & bit) !== 0) at = Math.max(body.indexOf(0, at) + 1, at);
  if ((flags & 2) !== 0) at += 2;
  return at;
}
