/** The check by the name under which the crawl imports it. */
export { itemCheck as compileCheck } from "./check.ts";
