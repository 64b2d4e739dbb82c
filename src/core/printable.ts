/** Crawled text on a terminal: no escape sequence of a site's may move the reader's cursor or change what was printed. */
export function printable(text: string): string {
  return text.replace(/[\r\n\t]/g, " ").replace(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}
