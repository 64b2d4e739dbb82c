#!/usr/bin/env node
import { register } from "tsx/esm/api";

// TypeScript runs as it stands (Node 20 has no type stripping): tsx compiles each file once and keeps it in its cache.
register();
await import("../src/cli/main.ts");
