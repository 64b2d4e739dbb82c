import type { ItemCheck } from "../core/chain.ts";
import type { ItemType } from "../core/item.ts";

export function itemCheck(type: ItemType): ItemCheck {
  return (item) => {
    const parsed = type.schema.safeParse(item);
    if (parsed.success) return null;
    const issue = parsed.error.issues[0]!;
    return { reason: `invalid_${issue.path.join("_")}`, detail: issue.message };
  };
}
