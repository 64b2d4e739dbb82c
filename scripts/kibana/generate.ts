/**
 * `npm run kibana:generate`: writes kibana/real-estate.ndjson from the schemas in domain/bds/serving.ts. docs/kibana.md
 */
import { join } from "node:path";
import { writeWhole } from "../../src/storage/atomic-file.ts";
import { savedObjects } from "./dashboard.ts";
import { toNdjson } from "./saved-object.ts";

/** ES_INDEX as it is by default. */
const INDEX = "batdongsan";

const path = join(import.meta.dirname, "../../kibana/real-estate.ndjson");
const objects = savedObjects(INDEX);
await writeWhole(path, toNdjson(objects));
console.log(`${path}: ${objects.length} objects`);
