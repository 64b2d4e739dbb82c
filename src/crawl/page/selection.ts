import type { Selection } from "../../core/page.ts";
import { inOrder, select } from "./query.ts";
import { attributeOf, htmlOf, ownTextsOf, textOf } from "./read.ts";
import { tidy } from "./spans.ts";
import type { PageElement, Tree } from "./tree.ts";

export class ElementSelection implements Selection {
  readonly #tree: Tree;
  readonly #elements: readonly PageElement[];

  constructor(tree: Tree, elements: readonly PageElement[]) {
    this.#tree = tree;
    this.#elements = elements;
  }

  get length(): number {
    return this.#elements.length;
  }

  *[Symbol.iterator](): Iterator<Selection> {
    for (const element of this.#elements) yield new ElementSelection(this.#tree, [element]);
  }

  css(selector: string): Selection {
    const tree = this.#tree;
    const elements = this.#elements;
    if (elements.length === 1) return new ElementSelection(tree, select(tree, selector, elements[0]));
    return new ElementSelection(tree, inOrder(elements.flatMap((element) => select(tree, selector, element))));
  }

  text(): string | undefined {
    const first = this.#elements[0];
    return first === undefined ? undefined : tidy(textOf(first));
  }

  texts(): string[] {
    return this.#elements.map((element) => tidy(textOf(element)));
  }

  ownText(): string | undefined {
    const first = this.#elements[0];
    return first === undefined ? undefined : ownTextsOf(first).join("");
  }

  ownTexts(): string[] {
    return this.#elements.flatMap(ownTextsOf);
  }

  attr(name: string): string | undefined {
    const first = this.#elements[0];
    return first === undefined ? undefined : attributeOf(first, name.toLowerCase());
  }

  attrs(name: string): string[] {
    const lower = name.toLowerCase();
    return this.#elements.map((element) => attributeOf(element, lower)).filter((value) => value !== undefined);
  }

  html(): string | undefined {
    const first = this.#elements[0];
    return first === undefined ? undefined : htmlOf(first);
  }
}
