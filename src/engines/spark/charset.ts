import type { Logger } from "../../core/context.ts";
import { ArachneError, describeError, SettingsError } from "../../core/errors.ts";
import { rowsOf } from "./arrow-rows.ts";
import { sqlRelation } from "./reads.ts";
import type { SparkSession } from "./session.ts";

/** On an executor, as those read and write. `range` keeps Spark from answering without one. */
const ASK = `SELECT reflect('java.lang.System', 'getProperty', 'file.encoding') AS charset FROM range(1)`;

/**
 * Java 17 takes its charset from the locale. Without one it is ASCII, and Spark then spoils letters in names of JSON fields without a word, and fails at
 * files that have them in their paths.
 * @throws SettingsError `spark_charset`
 */
export async function requireUtf8(session: SparkSession, address: string, log?: Logger): Promise<void> {
  let charset: unknown;
  try {
    for await (const batch of session.batches(sqlRelation(ASK))) charset = rowsOf(batch)[0]?.["charset"] ?? charset;
  } catch (error) {
    if (!(error instanceof ArachneError) || error.code !== "query_failed") throw error;
    log?.debug("spark: may not be asked for its charset", { address, error: describeError(error) }); // as on shared clusters
    return;
  }
  if (typeof charset === "string" && !/^utf-?8$/i.test(charset))
    throw new SettingsError(
      "spark_charset",
      `spark: ${address} runs with the charset ${charset}, which spoils letters: set LC_ALL=C.UTF-8 where its server and its workers are started, and start them again`,
    );
}
