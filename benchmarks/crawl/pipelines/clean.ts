import { defineTransform } from "arachne";

const NUMBER = /\d+/;

interface Flat {
  title: string;
  price: unknown;
  description: string;
  [field: string]: unknown;
}

/** The peer's `Clean` stage. */
export default defineTransform<Flat>({
  process: (items) =>
    items.map((item) => {
      const numbers = Object.fromEntries(
        ["area", "rooms", "baths", "floor"].map((field) => {
          const text = item[field];
          const found = typeof text === "string" ? NUMBER.exec(text) : null;
          return [field, found === null ? null : Number(found[0])];
        }),
      );
      return {
        ...item,
        ...numbers,
        title: item.title.trim(),
        price: Number(item.price),
        description: item.description.replace(/\s+/g, " ").trim(),
      };
    }),
});
