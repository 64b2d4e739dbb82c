import { describeError, RejectedError } from "./errors.ts";
import { Drop, type PipelineContext, type Transform } from "./pipeline.ts";
import { Poison } from "./stream-decode.ts";

export type Stages = readonly (readonly [name: string, stage: Transform])[];

/**
 * Runs items through a stream's stages. As many come back in the same order, each an item, a drop (the stage said so), or a poison:
 * the stage broke on this one, so it is kept as a dead letter until the stage is mended.
 */
export async function runStages(
  stages: Stages,
  items: readonly object[],
  c: PipelineContext,
): Promise<readonly (object | Drop | Poison)[]> {
  let results: readonly (object | Drop | Poison)[] = items;
  for (const [name, stage] of stages) {
    const live = results.filter(isLive);
    if (live.length === 0) break;
    const next = await runStage(name, stage, live, c);
    let at = 0;
    const before = results;
    results = live.length === before.length ? next : before.map((result) => (isLive(result) ? next[at++]! : result));
  }
  return results;
}

function isLive(result: object): boolean {
  return !(result instanceof Drop || result instanceof Poison);
}

async function runStage(name: string, stage: Transform, items: readonly object[], c: PipelineContext): Promise<readonly object[]> {
  try {
    const results = await stage.process(items, c);
    if (results.length !== items.length) throw new Error(`it returned ${results.length} results for ${items.length} items`);
    if (results.some((r) => typeof r !== "object" || r === null)) throw new Error("it returned something that is no item");
    return results;
  } catch (error) {
    if (items.length === 1) return [new Poison(name, error instanceof RejectedError ? error.code : `${name}_error`, describeError(error))];
    // One by one, so that only the item that causes it is set aside.
    const results: object[] = [];
    for (const item of items) results.push(...(await runStage(name, stage, [item], c)));
    return results;
  }
}
