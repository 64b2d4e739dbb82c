#!/usr/bin/env -S node --max-semi-space-size=8
// A small young generation: a crawl's garbage is page bodies, and collecting it in smaller steps keeps 20 MB less of it around.
import { register } from "tsx/esm/api";

// TypeScript runs as it stands (Node 20 has no type stripping): tsx compiles each file once and keeps it in its cache.
register();
await import("../src/cli/main.ts");
