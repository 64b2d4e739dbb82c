import { expect, test } from "vitest";
import { printable } from "../../src/core/printable.ts";

test("crawled text cannot move the cursor, ring a bell or change colours", () => {
  expect(printable("\u001b[31mred\u001b[0m\u0007\u009b2J")).toBe("\ufffd[31mred\ufffd[0m\ufffd\ufffd2J");
});

test("line breaks and tabs become blanks; Vietnamese, emoji and signs stay", () => {
  expect(printable("a\r\nb\tc")).toBe("a  b c");
  expect(printable("Thỏa thuận 🏠 — €")).toBe("Thỏa thuận 🏠 — €");
});
