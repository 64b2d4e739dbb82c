import { defineTransform, drop } from "arachne";

/** Drops every seventh item, so that the ledger has something to account for. */
export default defineTransform<{ price: number }>({
  process: (items) => items.map((item) => (item.price % 49 === 0 ? drop("seventh") : item)),
});
