#!/usr/bin/env node
// TypeScript runs as it stands (Node 20 has no type stripping): tsx compiles each file once and keeps it in its cache.
import { register } from "tsx/esm/api";

register();
await import("../src/cli/main.ts");
