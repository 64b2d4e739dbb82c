import { openDuckDbEngine } from "../../../src/engines/duckdb.ts";
import { statisticsContract } from "./statistics-contract.ts";

statisticsContract((tempDir) => openDuckDbEngine({ memoryLimit: "512MB", tempDir }));
