import { applyTransforms, type ItemCheck, type NamedPipeline, type Transformed } from "../core/chain.ts";
import type { ItemType } from "../core/item.ts";
import type { PipelineContext, Transform } from "../core/pipeline.ts";
import { itemCheck } from "../core/schema/check.ts";

export interface Transformer {
  /** As in a crawl: see `applyTransforms`. */
  apply(items: readonly object[]): Promise<Transformed>;
  close(): Promise<void>;
}

const NO_CHECK: ItemCheck = () => null;

/** Opens transforms for use outside a crawl. The schema is checked only where all of the chain's transforms run: half-way an item need not fit yet. */
export async function openTransforms(
  transforms: readonly NamedPipeline<Transform>[],
  item: ItemType,
  c: PipelineContext,
  whole: boolean,
): Promise<Transformer> {
  const check = whole ? itemCheck(item) : NO_CHECK;
  const opened: Transform[] = [];
  const close = async (): Promise<void> => {
    for (const pipeline of opened.splice(0).reverse()) await pipeline.close?.(c);
  };
  try {
    for (const { pipeline } of transforms) {
      await pipeline.open?.(c);
      opened.push(pipeline);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { apply: (items) => applyTransforms(transforms, check, items, c), close };
}
