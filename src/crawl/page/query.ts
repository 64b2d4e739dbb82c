import { compileSelector, type Alternative } from "./compile.ts";
import type { PageElement, Tree } from "./tree.ts";

interface Query {
  readonly alternatives: readonly Alternative[];
  readonly scope: PageElement[];
}

/** Selectors made at run time (`#item-17`) would fill memory without the bound. */
const MAX_CACHED = 2000;
const pageQueries = new Map<string, Query>();
const elementQueries = new Map<string, Query>();

/** Elements that match, in document order: of the whole page, or below `within` (whose ancestors count, as in querySelectorAll). */
export function select(tree: Tree, selector: string, within?: PageElement): readonly PageElement[] {
  const { alternatives, scope } = within === undefined ? queryFor(pageQueries, selector) : queryFor(elementQueries, selector, within);
  if (within !== undefined) scope[0] = within;
  if (alternatives.length === 1) return matches(tree, alternatives[0]!, within);
  return inOrder(alternatives.flatMap((alternative) => matches(tree, alternative, within)));
}

/** In document order, each once. */
export function inOrder(elements: readonly PageElement[]): PageElement[] {
  return [...new Set(elements)].sort((a, b) => a.index - b.index);
}

function queryFor(cache: Map<string, Query>, selector: string, within?: PageElement): Query {
  let query = cache.get(selector);
  if (query === undefined) {
    const scope = within === undefined ? [] : [within];
    query = { alternatives: compileSelector(selector, scope), scope };
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(selector, query);
  }
  return query;
}

function matches(tree: Tree, { keys, test, siblings }: Alternative, within: PageElement | undefined): readonly PageElement[] {
  let candidates: readonly PageElement[] = tree.elements;
  for (let i = 0; i < keys.length; i++) {
    const list = tree[keys[i]!.list].get(keys[i]!.value);
    if (list === undefined) return [];
    if (i === 0 || list.length < candidates.length) candidates = list;
  }
  if (within === undefined) return test === undefined ? candidates : candidates.filter(test);
  const end = siblings ? (within.parent === null ? tree.elements.length : within.parent.after) : within.after;
  const found: PageElement[] = [];
  for (let i = firstAfter(candidates, within.index); i < candidates.length; i++) {
    const candidate = candidates[i]!;
    if (candidate.index >= end) break;
    if (test === undefined || test(candidate)) found.push(candidate);
  }
  return found;
}

/** Where in a list in document order the elements after `index` begin. */
function firstAfter(elements: readonly PageElement[], index: number): number {
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (elements[middle]!.index > index) high = middle;
    else low = middle + 1;
  }
  return low;
}
