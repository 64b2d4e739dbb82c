import { isUtf8 } from "node:buffer";
import { labelToName, legacyHookDecode } from "@exodus/bytes/encoding.js";
import sniffHtmlEncoding from "html-encoding-sniffer";

export interface Decoded {
  /** Without the byte order mark. */
  readonly text: string;
  /** WHATWG name, lower case: `utf-8`, `windows-1252`, … */
  readonly encoding: string;
}

const CHARSET = /;\s*charset\s*=\s*["']?\s*([^\s"';]+)/i;
const XML_TYPE = /[/+]xml\b/i;
/** Where a meta element may stand (HTML standard, 13.2.3.2) or an XML declaration names its encoding. */
const PRESCAN_BYTES = 1024;
const UTF8 = "utf-8";

/**
 * A body as text by the WHATWG rules: byte order mark, then the Content-Type header, then `<meta charset>` in the first
 * 1024 bytes (or an XML declaration). Where nothing says it, a body that is valid UTF-8 is that (most pages
 * that forget to say are), and any other what a later meta says, or else the standard's windows-1252.
 */
export function decode(body: Uint8Array, contentType?: string): Decoded {
  const buffer = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const encoding = sniff(buffer, contentType);
  if (encoding === UTF8) {
    const start = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0;
    return { text: buffer.toString("utf8", start), encoding };
  }
  // Node's own TextDecoder reads windows-1252 as Latin-1 (0x80-0x9f become control characters) and lacks three encodings.
  return { text: legacyHookDecode(buffer, encoding), encoding };
}

function sniff(body: Buffer, contentType: string | undefined): string {
  const label = contentType === undefined ? undefined : CHARSET.exec(contentType)?.[1];
  const bom = body[0] === 0xfe || body[0] === 0xff || body[0] === 0xef;
  if (!bom && label !== undefined && isUtf8Label(label)) return UTF8;
  const head = body.subarray(0, PRESCAN_BYTES);
  const xml = contentType !== undefined && XML_TYPE.test(contentType) && !contentType.includes("xhtml");
  const declared = sniffHtmlEncoding(head, {
    defaultEncoding: "",
    xml,
    ...(label === undefined ? {} : { transportLayerEncodingLabel: label }),
  });
  if (declared !== "") return declared.toLowerCase();
  return xmlDeclared(head) ?? (isUtf8(body) ? UTF8 : (lateMeta(body) ?? "windows-1252"));
}

function isUtf8Label(label: string): boolean {
  const lower = label.toLowerCase();
  return lower === "utf-8" || lower === "utf8";
}

const LATE_META = /<meta\s[^>]*?charset\s*=\s*["']?\s*([^\s"'/>;]+)/i;
const LATE_BYTES = 64 * 1024;

/** Browsers start over when the parser meets a meta element behind the prescan (13.2.3.4); here it is looked for where all else failed. */
function lateMeta(body: Buffer): string | undefined {
  const label = LATE_META.exec(body.toString("latin1", 0, LATE_BYTES))?.[1];
  return label === undefined ? undefined : singleByteStream(label);
}

/** XML 1.0 4.3.3. The sniffer leaves it out: HTML has no such declaration, but pages served as XHTML and feeds do. */
function xmlDeclared(head: Buffer): string | undefined {
  if (head[0] !== 0x3c || head[1] !== 0x3f) return undefined;
  const label = /^<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(head.toString("latin1"))?.[1];
  return label === undefined ? undefined : singleByteStream(label);
}

/** The encoding that a label names. The label was read byte by byte, so it cannot be UTF-16, whatever it says. */
function singleByteStream(label: string): string | undefined {
  const name = labelToName(label)?.toLowerCase();
  return name?.startsWith("utf-16") === true ? UTF8 : name;
}
