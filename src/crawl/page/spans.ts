import { decodeHTML, decodeHTMLAttribute } from "entities";

export function isSpace(code: number): boolean {
  return code === 32 || (code <= 13 && code >= 9 && code !== 11);
}

/** Whether the span holds this name, whatever the case of its ASCII letters; `name` is lower case. */
export function isName(page: string, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) {
    const code = page.charCodeAt(start + i);
    const wanted = name.charCodeAt(i);
    if (code !== wanted && (code < 65 || code > 90 || code + 32 !== wanted)) return false;
  }
  return true;
}

/** An attribute's value; `start` -1 is an attribute without one. */
export function attributeValue(page: string, start: number, end: number): string {
  if (start < 0) return "";
  const raw = page.slice(start, end);
  return raw.includes("&") ? decodeHTMLAttribute(raw) : raw;
}

/** A stretch of text; `end` below 0 is the complement of the end of raw text. */
export function textValue(page: string, start: number, end: number): string {
  if (end < 0) return page.slice(start, ~end);
  const raw = page.slice(start, end);
  return raw.includes("&") ? decodeHTML(raw) : raw;
}

const UNTIDY = /\s\s|[^\S ]/;

/** White space (NBSP too) collapsed and trimmed. */
export function tidy(text: string): string {
  const trimmed = text.trim();
  return UNTIDY.test(trimmed) ? trimmed.replace(/\s+/g, " ") : trimmed;
}
