import { defineTransform, drop } from "arachne";

interface Flat {
  title: string;
  price: number;
  area: number | null;
}

/** The peer's `Validate` stage. */
export default defineTransform<Flat>({
  process: (items) => items.map((item) => (item.title !== "" && item.price > 0 && item.area !== null ? item : drop("bad"))),
});
