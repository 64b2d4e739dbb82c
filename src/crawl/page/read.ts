import { attributeValue, isName, textValue } from "./spans.ts";
import type { PageElement, Tree } from "./tree.ts";

/** All text of the element and below it, as in the DOM's textContent. */
export function textOf(element: PageElement): string {
  return joinTexts(element.tree, element.textFrom, element.textTo);
}

/** The element's own text nodes: the text before, between and after its children. */
export function ownTextsOf(element: PageElement): string[] {
  const { tree } = element;
  const texts: string[] = [];
  let from = element.textFrom;
  for (let i = element.index + 1; i < element.after;) {
    const child = tree.elements[i]!;
    if (child.textFrom > from) texts.push(joinTexts(tree, from, child.textFrom));
    from = child.textTo;
    i = child.after;
  }
  if (element.textTo > from) texts.push(joinTexts(tree, from, element.textTo));
  return texts;
}

function joinTexts(tree: Tree, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i += 2) text += textValue(tree.page, tree.texts[i]!, tree.texts[i + 1]!);
  return text;
}

/** The value of the first attribute of that name (lower case), "" where it has none, undefined without such an attribute. */
export function attributeOf(element: PageElement, name: string): string | undefined {
  const { page, attributes } = element.tree;
  for (let i = element.attributesFrom; i < element.attributesTo; i += 4) {
    if (isName(page, attributes[i]!, attributes[i + 1]!, name)) return attributeValue(page, attributes[i + 2]!, attributes[i + 3]!);
  }
  return undefined;
}

/** The element as it stands in the page's source. */
export function htmlOf(element: PageElement): string {
  const { page } = element.tree;
  if (element.end >= 0) return page.slice(element.start, element.end);
  const close = page.indexOf(">", ~element.end);
  return page.slice(element.start, close < 0 ? page.length : close + 1);
}

/** An element's children, or those of the page (null). */
export function childrenOf(tree: Tree, parent: PageElement | null): PageElement[] {
  const known = parent === null ? tree.rootChildren : parent.children;
  if (known !== undefined) return known;
  const children: PageElement[] = [];
  const after = parent === null ? tree.elements.length : parent.after;
  for (let i = parent === null ? 0 : parent.index + 1; i < after;) {
    const child = tree.elements[i]!;
    child.position = children.length;
    children.push(child);
    i = child.after;
  }
  if (parent === null) tree.rootChildren = children;
  else parent.children = children;
  return children;
}
