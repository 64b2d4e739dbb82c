/** What the tree builder must know of a tag name. Tables as in htmlparser2 12 (MIT), whose tree ours equals. */
export interface TagKind {
  /** As spelled on the page. */
  readonly raw: string;
  /** Lower case. */
  readonly name: string;
  readonly isVoid: boolean;
  /** Its content is text in which neither tags nor entities count. */
  readonly isRawText: boolean;
  /** Open elements of these names end where this one starts. */
  readonly closes: ReadonlySet<string> | undefined;
  /** What its content is: SVG or MathML (true), HTML again (false), or as its parent's (undefined). */
  readonly foreign: boolean | undefined;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

const VOID = words("area base basefont br col command embed frame hr img input isindex keygen link meta param source track wbr");
const RAW_TEXT = words("iframe noembed noframes plaintext script style xmp");
const FOREIGN = words("math svg");
const HTML_AGAIN = words("mi mo mn ms mtext annotation-xml foreignobject desc title");

const CLOSES = new Map<string, ReadonlySet<string>>();
for (const [opened, closed] of [
  ["tr", "tr th td"],
  ["th", "th"],
  ["td", "thead th td"],
  ["body", "head link script"],
  ["a", "a"],
  ["li", "li"],
  ["h1 h2 h3 h4 h5 h6", "h1 h2 h3 h4 h5 h6 p"],
  ["select input output button datalist textarea", "input option optgroup select button datalist textarea"],
  ["option", "option"],
  ["optgroup", "optgroup option"],
  ["dd dt", "dd dt"],
  [
    "p address article aside blockquote details div dl fieldset figcaption figure footer form header hr main nav ol pre section table ul",
    "p",
  ],
  ["rt rp", "rt rp"],
  ["tbody tfoot", "thead tbody"],
] as const) {
  for (const name of words(opened)) CLOSES.set(name, words(closed));
}

/**
 * Values by a span of the page, found without slicing the page: slicing, lower-casing and hashing short strings was a
 * third of the parser's time. Keys are copied, for a slice would keep its whole page in memory.
 */
class SpanMap<T extends { readonly raw: string }> {
  readonly #values = new Map<number, T>();
  readonly #make: (raw: string) => T;

  constructor(make: (raw: string) => T) {
    this.#make = make;
  }

  get(page: string, start: number, end: number): T {
    let hash = end - start;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + page.charCodeAt(i)) | 0;
    const known = this.#values.get(hash);
    if (known !== undefined && known.raw.length === end - start && page.startsWith(known.raw, start)) return known;
    const value = this.#make(Buffer.from(page.slice(start, end), "utf16le").toString("utf16le"));
    // Sites with generated names would fill memory without the bound.
    if (this.#values.size >= 10_000) this.#values.clear();
    this.#values.set(hash, value);
    return value;
  }
}

export const tagKinds = new SpanMap<TagKind>((raw) => {
  const name = raw.toLowerCase();
  const foreign = FOREIGN.has(name) ? true : HTML_AGAIN.has(name) ? false : undefined;
  return { raw, name, isVoid: VOID.has(name), isRawText: RAW_TEXT.has(name), closes: CLOSES.get(name), foreign };
});

/** What `<image>` means outside of SVG. */
export const IMG = tagKinds.get("img", 0, 3);

export const classNames = new SpanMap<{ readonly raw: string }>((raw) => ({ raw }));
