import { _compileUnsafe } from "css-select";
import { isTraversal, parse, type Selector } from "css-what";
import { ArachneError, describeError } from "../../core/errors.ts";
import { attributeOf, childrenOf, textOf } from "./read.ts";
import type { PageElement } from "./tree.ts";

/** A list of the tree that holds every element which the selector can match. */
interface Key {
  readonly list: "byTag" | "byClass" | "byId";
  readonly value: string;
}

type Test = (element: PageElement) => boolean;

/** One of the selectors that a comma separates. */
export interface Alternative {
  /** What its last compound makes certain: the shortest list gives the candidates. */
  readonly keys: readonly Key[];
  /** Undefined where the one key says it all. */
  readonly test: Test | undefined;
  /** `+ dd`: the siblings after an element count too, not only what is below it. */
  readonly siblings: boolean;
}

/**
 * @param scope its one member is what `:scope` and a leading combinator mean; to be set before each use. Empty: the page.
 * @throws ArachneError `bad_selector`
 */
export function compileSelector(selector: string, scope: PageElement[]): readonly Alternative[] {
  try {
    return parse(selector).map((tokens) => compileOne(tokens, scope));
  } catch (cause) {
    throw new ArachneError("bad_selector", `page: read selector ${JSON.stringify(selector)}: ${describeError(cause)}`, { cause });
  }
}

function compileOne(tokens: Selector[], scope: PageElement[]): Alternative {
  const keys: Key[] = [];
  for (let i = tokens.length - 1; i >= 0 && !isTraversal(tokens[i]!); i--) {
    const key = keyOf(tokens[i]!);
    if (key !== undefined) keys.push(key);
  }
  if (tokens.length === 1 && keys.length === 1) return { keys, test: undefined, siblings: false };
  const scoped = scope.length > 0 && dependsOnScope(tokens);
  const groups = splitAtDescendants(tokens).map((group) => {
    const climb = group.filter((token) => token.type === "child").length;
    // css-select remembers what it found out of an element, which is wrong once the scope is another.
    const options = { adapter, pseudos, cacheResults: !scoped };
    return { climb, test: _compileUnsafe<PageElement, PageElement>([group], options, scoped ? scope : undefined) };
  });
  const siblings = groups.length === 1 && groups[0]!.test.shouldTestNextSiblings === true;
  return { keys, test: groups.length === 1 ? groups[0]!.test : chain(groups), siblings };
}

/**
 * `a b > c d`: d, then the nearest ancestor that is `b > c`, then the nearest above that is a. The nearest is always right,
 * for it leaves the most ancestors to the rest; css-select tries them all, which took minutes on a page of 20,000 nested tags.
 */
function chain(groups: readonly { readonly test: Test; readonly climb: number }[]): Test {
  const last = groups.length - 1;
  return (element) => {
    if (!groups[last]!.test(element)) return false;
    let at: PageElement | null = element;
    for (let i = last - 1; i >= 0; i--) {
      for (let up = groups[i + 1]!.climb; up >= 0 && at !== null; up--) at = at.parent;
      while (at !== null && !groups[i]!.test(at)) at = at.parent;
      if (at === null) return false;
    }
    return true;
  };
}

function splitAtDescendants(tokens: readonly Selector[]): Selector[][] {
  const groups: Selector[][] = [[]];
  for (const token of tokens) {
    if (token.type === "descendant") groups.push([]);
    else groups.at(-1)!.push(token);
  }
  return groups;
}

function keyOf(token: Selector): Key | undefined {
  if (token.type === "tag" && token.namespace === null) return { list: "byTag", value: token.name.toLowerCase() };
  if (token.type !== "attribute" || token.namespace !== null || token.ignoreCase === true) return undefined;
  if (token.name === "class" && token.action === "element") return { list: "byClass", value: token.value };
  if (token.name === "id" && token.action === "equals") return { list: "byId", value: token.value };
  return undefined;
}

function dependsOnScope(tokens: readonly Selector[]): boolean {
  return tokens.some(
    (token, i) =>
      (i === 0 && isTraversal(token)) ||
      (token.type === "pseudo" && (token.name === "scope" || (Array.isArray(token.data) && token.data.some(dependsOnScope)))),
  );
}

const siblingsOf = (element: PageElement): PageElement[] => childrenOf(element.tree, element.parent);

/** How css-select reads our elements. There are no text nodes among them, hence `:empty` of our own. */
const adapter = {
  isTag: (_node: PageElement): _node is PageElement => true,
  getAttributeValue: attributeOf,
  getChildren: (node: PageElement): PageElement[] => childrenOf(node.tree, node),
  getName: (element: PageElement): string => element.kind.name,
  getParent: (element: PageElement): PageElement | null => element.parent,
  getSiblings: siblingsOf,
  prevElementSibling: (element: PageElement): PageElement | null => siblingsOf(element)[element.position - 1] ?? null,
  getText: textOf,
  hasAttrib: (element: PageElement, name: string): boolean => attributeOf(element, name) !== undefined,
  removeSubsets: (nodes: PageElement[]): PageElement[] => nodes,
};

const pseudos = {
  empty: (element: PageElement): boolean => element.after === element.index + 1 && /^[ \t\r\n]*$/.test(textOf(element)),
};
