import { expect, inject, test } from "vitest";

test("Elasticsearch answers under the address that is handed to the tests", async ({ skip }) => {
  const url = inject("elasticsearchUrl");
  if (url === undefined) return skip();
  const health = (await (await fetch(`${url}/_cluster/health`)).json()) as { status: string };
  expect(health.status).toBe("green");
});
