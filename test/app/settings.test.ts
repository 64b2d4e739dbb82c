import { expect, test } from "vitest";
import { resolveSettings } from "../../src/app/settings.ts";

const resolve = (env: Record<string, string>, ...commandLine: string[]) =>
  resolveSettings({ root: "/nowhere", project: { values: { BATCH_SIZE: 7 } }, env, commandLine });

test.each([
  ["404", [404]],
  ["404,410", [404, 410]],
  ["[404, 410]", [404, 410]],
  ["", []],
])("a list is written %j", (text, value) => {
  expect(resolve({}, `HTTPERROR_ALLOWED_CODES=${text}`).settings.HTTPERROR_ALLOWED_CODES).toEqual(value);
});

test("a name without a value in the environment is not given", () => {
  const resolved = resolve({ HTTP_PROXY: "", BATCH_SIZE: "" });
  expect(resolved.settings.HTTP_PROXY).toBeUndefined();
  expect([resolved.settings.BATCH_SIZE, resolved.origin("BATCH_SIZE")]).toEqual([7, "settings.ts"]);
});

test("a value keeps its further equals signs, and of a name given twice the last counts", () => {
  expect(resolve({}, "USER_AGENT=a", "USER_AGENT=b=c=d").settings.USER_AGENT).toBe("b=c=d");
});
