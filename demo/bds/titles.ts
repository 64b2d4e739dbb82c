import type { Kind } from "./kinds.ts";
import { pick, type Draw } from "./random.ts";
import { RENTING_POINTS, SELLING_POINTS } from "./words.ts";

interface About {
  readonly kind: Kind;
  readonly project: string | undefined;
  readonly street: string | undefined;
  readonly town: string | undefined;
  readonly bedrooms: number | null;
}

/** A title as a seller would begin it: "Bán nhà riêng đường Lê Lợi, Gò Vấp, 3PN, sổ hồng riêng, sang tên ngay". */
export function draft(draw: Draw, about: About): string {
  const sale = about.kind.transaction === "sale";
  const verb = sale
    ? pick(draw, ["Bán", "Cần bán", "Bán gấp", "Chính chủ bán"])
    : pick(draw, ["Cho thuê", "Cần cho thuê", "Chính chủ cho thuê"]);
  const where = [about.project, about.street === undefined ? undefined : `đường ${about.street}`, about.town].filter(
    (s) => s !== undefined,
  );
  const rooms = about.bedrooms === null ? "" : `, ${about.bedrooms}${pick(draw, ["PN", " phòng ngủ", "pn"])}`;
  const at = where.length === 0 ? "" : ` ${where.slice(0, 2).join(", ")}`;
  return `${verb} ${about.kind.noun}${at}${rooms}, ${pick(draw, sale ? SELLING_POINTS : RENTING_POINTS)}`;
}

/** What sellers do to titles to be seen, and what attackers do to them; by number, so that every kind occurs in any thousand. */
export function dress(n: number, edited: boolean, title: string): string {
  if (edited) return `[GIẢM GIÁ] ${title}`;
  if (n % 331 === 77) return `${title} <script>alert("demo ${n}")</script>`;
  if (n % 29 === 4) return `🔥🔥 ${title} 🏡`;
  if (n % 27 === 9) return `"${title}" & hỗ trợ vay <70%>`;
  if (n % 13 === 6) return title.toUpperCase();
  if (n % 37 === 15) return title.replace(", ", " – ");
  return title;
}
