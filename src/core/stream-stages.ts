import { describeError, RejectedError } from "./errors.ts";
import { Drop, type PipelineContext, type Transform } from "./pipeline.ts";
import { Poison } from "./stream-decode.ts";

export type Stages = readonly (readonly [name: string, stage: Transform])[];

/**
 * Runs items through a stream's stages. As many come back in the same order, each an item, a drop (the stage said so), or a poison:
 * the stage broke on this one, so it is kept as a dead letter until the stage is mended.
 */
export async function runStages(stages: Stages, items: readonly object[], c: PipelineContext): Promise<(object | Drop | Poison)[]> {
  const results: (object | Drop | Poison)[] = [...items];
  for (const [name, stage] of stages) {
    const live: number[] = [];
    results.forEach((result, i) => {
      if (!(result instanceof Drop || result instanceof Poison)) live.push(i);
    });
    if (live.length === 0) break;
    const next = await runStage(
      name,
      stage,
      live.map((i) => results[i]!),
      c,
    );
    live.forEach((i, at) => (results[i] = next[at]!));
  }
  return results;
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
