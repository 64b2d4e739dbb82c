import { describeError, SettingsError } from "./errors.ts";
import { Drop, isDelivery, type Delivery, type ItemPipeline, type PipelineContext, type Transform } from "./pipeline.ts";

export interface NamedPipeline<P extends ItemPipeline = ItemPipeline> {
  readonly name: string;
  /** From ITEM_PIPELINES: lowest first. */
  readonly order: number;
  readonly pipeline: P;
}

export interface Chain {
  readonly transforms: readonly NamedPipeline<Transform>[];
  readonly deliveries: readonly NamedPipeline<Delivery>[];
}

/**
 * Splits the item pipelines into the transforms before the outbox and the deliveries behind it.
 * @throws SettingsError where a transform is ordered after a delivery: the delivery would have sent what the transform has yet to change.
 */
export function orderPipelines(pipelines: readonly NamedPipeline[]): Chain {
  const transforms: NamedPipeline<Transform>[] = [];
  const deliveries: NamedPipeline<Delivery>[] = [];
  for (const { name, order, pipeline } of [...pipelines].sort((a, b) => a.order - b.order || a.name.localeCompare(b.name))) {
    if (isDelivery(pipeline)) deliveries.push({ name, order, pipeline });
    else if (deliveries.length === 0) transforms.push({ name, order, pipeline });
    else
      throw new SettingsError(
        "pipeline_order",
        `ITEM_PIPELINES: ${name} (${order}) changes items but comes after ${deliveries[0]!.name} (${deliveries[0]!.order}), which has already delivered them: give ${name} a lower number`,
      );
  }
  return { transforms, deliveries };
}

export interface Transformed {
  items: object[];
  /** `item` is what was handed to the step that dropped it. */
  dropped: { reason: string; detail: string | undefined; item: object }[];
}

/** Says what is wrong with an item, or null: see `compileRules`. */
export type ItemCheck = (item: object) => { reason: string; detail: string } | null;

/** Runs one page's items through the transforms and the schema's check. Never throws for a bad item: that one is dropped, with the reason. */
export async function applyTransforms(
  transforms: readonly NamedPipeline<Transform>[],
  check: ItemCheck,
  items: readonly object[],
  c: PipelineContext,
): Promise<Transformed> {
  const dropped: Transformed["dropped"] = [];
  let current: readonly object[] = items;
  for (const step of transforms) {
    if (current.length === 0) break;
    const given = current;
    const results = await runStep(step, given, c);
    const kept: object[] = [];
    results.forEach((result, i) => {
      if (result instanceof Drop) dropped.push({ reason: result.reason, detail: result.detail, item: given[i]! });
      else kept.push(result);
    });
    current = kept;
  }
  const valid: object[] = [];
  for (const item of current) {
    const wrong = check(item);
    if (wrong === null) valid.push(item);
    else dropped.push({ ...wrong, item });
  }
  return { items: valid, dropped };
}

async function runStep(step: NamedPipeline<Transform>, items: readonly object[], c: PipelineContext): Promise<readonly object[]> {
  try {
    const returned = step.pipeline.process(items, c);
    const results = returned instanceof Promise ? await returned : returned;
    if (results.length !== items.length) throw new Error(`it returned ${results.length} results for ${items.length} items`);
    if (results.some((r) => typeof r !== "object" || r === null)) throw new Error("it returned something that is no item");
    return results;
  } catch (error) {
    if (items.length === 1) return [new Drop(`${step.name}_error`, describeError(error))];
    // One by one, so that only the item that causes it is dropped.
    const results: object[] = [];
    for (const item of items) results.push(...(await runStep(step, [item], c)));
    return results;
  }
}
