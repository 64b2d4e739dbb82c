import { expect, test } from "vitest";
import { createProject } from "./project.ts";

const ESCAPE = /\u001b/;

test.for([["health"], ["crawl", "none"], ["--help"], ["settings"]] as const)(
  "into a pipe goes no colour, though CI is set: arachne %s",
  async (args) => {
    const { stdout, stderr } = await createProject().run(args, { env: { CI: "true" } });
    expect(stdout + stderr).not.toBe("");
    expect(stdout).not.toMatch(ESCAPE);
    expect(stderr).not.toMatch(ESCAPE);
  },
);
