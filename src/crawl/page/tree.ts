import { Tokenizer, type TokenizerCallbacks } from "htmlparser2";
import { RejectedError } from "../../core/errors.ts";
import { classNames, IMG, tagKinds, type TagKind } from "./names.ts";
import { attributeValue, isName, isSpace } from "./spans.ts";

/** Deeper elements become siblings, as in browsers, so that no page can make parsing or matching quadratic. */
const MAX_DEPTH = 512;

/** A page above these would take all memory: four numbers an attribute. */
const MAX_ELEMENTS = 1_000_000;
const MAX_ATTRIBUTES = 4_000_000;

/** An element is a handful of positions in its page; text, attributes and children are read from them when asked for. */
export class PageElement {
  readonly tree: Tree;
  readonly kind: TagKind;
  readonly parent: PageElement | null;
  /** In document order. */
  readonly index: number;
  /** The index of the first element that is not below this one. */
  after: number;
  readonly depth: number;
  readonly foreign: boolean;
  readonly start: number;
  /** The end in the page; where an end tag closes the element, the bitwise complement of a position inside that tag. */
  end: number;
  /** Its stretch of `tree.attributes`. */
  readonly attributesFrom: number;
  readonly attributesTo: number;
  /** Its stretch of `tree.texts`, all below it included. */
  readonly textFrom: number;
  textTo: number;
  children: PageElement[] | undefined;
  /** Among its siblings, once `childrenOf` its parent has been asked for. */
  position: number;

  constructor(tree: Tree, kind: TagKind, parent: PageElement | null, start: number, attributesFrom: number) {
    this.tree = tree;
    this.kind = kind;
    this.parent = parent;
    this.index = tree.elements.length;
    this.depth = parent === null ? 0 : parent.depth + 1;
    this.foreign = kind.foreign ?? (parent !== null && parent.foreign);
    this.start = start;
    this.attributesFrom = attributesFrom;
    this.attributesTo = tree.attributes.length;
    this.textFrom = tree.texts.length;
    this.after = 0;
    this.end = 0;
    this.textTo = 0;
    this.children = undefined;
    this.position = 0;
  }
}

/**
 * A page's elements, with lists by tag, class and id made while parsing. Reads HTML as htmlparser2 does (forgiving, no
 * `html`, `head` or `tbody` made up), with its tokenizer; names are lower case in SVG too, and the content of `<template>`
 * is part of the page. Text and attribute values stay undecoded positions in the page until they are read.
 */
export class Tree implements TokenizerCallbacks {
  readonly page: string;
  readonly elements: PageElement[] = [];
  /** Pairs of start and end; an end below 0 is the complement of that of raw text, in which entities do not count. */
  readonly texts: number[] = [];
  /** Fours of name start and end, value start and end; value start -1: no value. */
  readonly attributes: number[] = [];
  readonly byTag = new Map<string, PageElement[]>();
  readonly byClass = new Map<string, PageElement[]>();
  readonly byId = new Map<string, PageElement[]>();
  rootChildren: PageElement[] | undefined = undefined;

  #top: PageElement | null = null;
  #formOpen = false;
  /** The tag being read; undefined between tags and in a tag that is ignored. */
  #opening: TagKind | undefined = undefined;
  #openingStart = 0;
  #attributesFrom = 0;
  /** Where in `attributes` the tag's class and id stand; -1: none. */
  #class = -1;
  #id = -1;

  constructor(page: string) {
    this.page = page;
    const tokenizer = new Tokenizer({ decodeEntities: false }, this);
    tokenizer.write(page);
    tokenizer.end();
  }

  isInForeignContext(): boolean {
    return this.#top !== null && this.#top.foreign;
  }

  ontext(start: number, end: number): void {
    const { texts } = this;
    const top = this.#top;
    if (top !== null && top.kind.isRawText && !top.foreign) texts.push(start, ~end);
    // A `<` that opens no tag parts the text in two: a page of them would take memory many times its size.
    else if (texts[texts.length - 1] === start) texts[texts.length - 1] = end;
    else texts.push(start, end);
  }

  onopentagname(start: number, end: number): void {
    this.#begin(this.#kind(start, end), start - 1);
  }

  onattribname(start: number, end: number): void {
    const { page, attributes } = this;
    if (end - start === 5) {
      if (this.#class < 0 && isName(page, start, end, "class")) this.#class = attributes.length;
    } else if (end - start === 2) {
      if (this.#id < 0 && isName(page, start, end, "id")) this.#id = attributes.length;
    }
    if (attributes.length >= 4 * MAX_ATTRIBUTES) throw tooMuch(`${MAX_ATTRIBUTES} attributes`);
    attributes.push(start, end, -1, -1);
  }

  onattribdata(start: number, end: number): void {
    const last = this.attributes.length;
    this.attributes[last - 2] = start;
    this.attributes[last - 1] = end;
  }

  onopentagend(end: number): void {
    this.#finish(end + 1);
  }

  onselfclosingtag(end: number): void {
    const element = this.#finish(end + 1);
    if (element !== undefined && element.foreign && !element.kind.isVoid) this.#pop(end + 1);
  }

  onclosetag(start: number, end: number): void {
    const kind = this.#kind(start, end);
    const { name } = kind;
    if (kind.isVoid) {
      if (name === "br") this.#empty(kind, start - 2, end);
      return;
    }
    let open = this.#top;
    while (open !== null && open.kind.name !== name) open = open.parent;
    if (open !== null) {
      while (this.#top !== open) this.#pop(start - 2);
      this.#pop(~end);
    } else if (name === "p") {
      this.#empty(kind, start - 2, end);
    }
  }

  oncdata(start: number, end: number, endOffset: number): void {
    if (this.isInForeignContext()) this.texts.push(start, ~(end - endOffset));
  }

  onend(): void {
    while (this.#top !== null) this.#pop(this.page.length);
  }

  onattribend(): void {}
  onattribentity(): void {}
  ontextentity(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}

  #kind(start: number, end: number): TagKind {
    const kind = tagKinds.get(this.page, start, end);
    return kind.name === "image" && !this.isInForeignContext() ? IMG : kind;
  }

  #begin(kind: TagKind, start: number): void {
    this.#attributesFrom = this.attributes.length;
    this.#openingStart = start;
    this.#class = -1;
    this.#id = -1;
    // HTML ignores a form inside a form.
    if (kind.name === "form" && this.#formOpen) {
      this.#opening = undefined;
      return;
    }
    this.#opening = kind;
    if (kind.closes !== undefined) {
      while (this.#top !== null && kind.closes.has(this.#top.kind.name)) this.#pop(start);
    }
    while (this.#top !== null && this.#top.depth >= MAX_DEPTH) this.#pop(start);
  }

  #finish(end: number): PageElement | undefined {
    const kind = this.#opening;
    if (kind === undefined) return undefined;
    this.#opening = undefined;
    if (this.elements.length >= MAX_ELEMENTS) throw tooMuch(`${MAX_ELEMENTS} elements`);
    const element = new PageElement(this, kind, this.#top, this.#openingStart, this.#attributesFrom);
    this.elements.push(element);
    add(this.byTag, kind.name, element);
    if (this.#class >= 0) this.#addClasses(element);
    if (this.#id >= 0) add(this.byId, this.#value(this.#id), element);
    if (kind.isVoid) {
      element.after = this.elements.length;
      element.textTo = this.texts.length;
      element.end = end;
    } else {
      if (kind.name === "form") this.#formOpen = true;
      this.#top = element;
    }
    return element;
  }

  #pop(end: number): void {
    const element = this.#top!;
    element.after = this.elements.length;
    element.textTo = this.texts.length;
    element.end = end;
    if (element.kind.name === "form") this.#formOpen = false;
    this.#top = element.parent;
  }

  /** An end tag that stands for an empty element: `</p>`, `</br>`. */
  #empty(kind: TagKind, start: number, end: number): void {
    this.#begin(kind, start);
    const element = this.#finish(~end);
    if (element !== undefined && !kind.isVoid) this.#pop(~end);
  }

  #value(attribute: number): string {
    return attributeValue(this.page, this.attributes[attribute + 2]!, this.attributes[attribute + 3]!);
  }

  #addClasses(element: PageElement): void {
    const { page } = this;
    const end = this.attributes[this.#class + 3]!;
    let start = this.attributes[this.#class + 2]!;
    for (let at = start; at <= end && start >= 0; at++) {
      const code = at === end ? 32 : page.charCodeAt(at);
      if (isSpace(code)) {
        if (at > start) add(this.byClass, classNames.get(page, start, at).raw, element);
        start = at + 1;
      } else if (code === 38) {
        // An entity: rare enough to decode it all and take what is new.
        for (const name of this.#value(this.#class).split(/[ \t\n\f\r]+/)) if (name !== "") add(this.byClass, name, element);
        return;
      }
    }
  }
}

function tooMuch(limit: string): RejectedError {
  return new RejectedError("page_too_complex", `page: parse HTML: it has more than ${limit}: leave it out, or lower DOWNLOAD_MAXSIZE`);
}

function add(index: Map<string, PageElement[]>, key: string, element: PageElement): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [element]);
  else if (list[list.length - 1] !== element) list.push(element);
}
