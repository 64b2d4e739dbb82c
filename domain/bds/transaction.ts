import { foldWords } from "./fold.ts";
import type { Listing } from "./listing.ts";

type Transaction = Listing["transaction"];

/** Sites speak of it from either side: batdongsan's "bán" is mogi's "mua". `s` and `u` are chotot's codes. */
const RENT = /\b(?:thue|rent|lease|u)\b/;
const SALE = /\b(?:ban|mua|sale|sell|s)\b/;
/** Who wants to buy or rent offers nothing. */
const WANTED = /^(?:toi |minh |em |anh |chi )?can (?:mua|thue|tim)\b/;

export interface TransactionHints {
  /** What the page says, or its breadcrumb. */
  stated: string;
  /** The listing's path: sites put the category first (`/ban-can-ho…`, `/cho-thue…`, `/quan-7/thue-…`). */
  path: string;
  /** Category or breadcrumb. */
  category: string;
  title: string;
  priceUnit: Listing["price_unit"];
  /** In đồng, where the price is a total. */
  total: number | null;
}

/**
 * For sale or for rent, from the surest sign that there is: what the page states, the link's category, the breadcrumb, a
 * price per month, a total of a milliard or more (rents are quoted by the month), the title. Null where none tells.
 * Where the first two differ (someone's program took "13 tỷ, đang cho thuê" for a rent) the price decides.
 */
export function transactionOf(h: TransactionHints): Transaction {
  const stated = ofWords(foldWords(h.stated));
  const category = ofPath(h.path) ?? ofWords(foldWords(h.category));
  if (stated !== null) return category === null || category === stated ? stated : (ofPrice(h) ?? stated);
  return category ?? ofPrice(h) ?? ofTitle(foldWords(h.title));
}

function ofPrice({ priceUnit, total }: TransactionHints): Transaction {
  if (priceUnit === "per_month" || priceUnit === "per_m2_month") return "rent";
  return total !== null && total >= 1e9 ? "sale" : null;
}

/** Both words in one ("bán hoặc cho thuê") leave it open; "mua bán" says it once. */
function ofWords(words: string): Transaction {
  if (words === "" || WANTED.test(words)) return null;
  const rent = RENT.test(words);
  const sale = SALE.test(words);
  return rent === sale ? null : rent ? "rent" : "sale";
}

function ofPath(path: string): Transaction {
  const found = /\/(?:nha-dat-|can-|mua-)?(ban|mua|cho-thue|thue)-/.exec(path);
  if (!found) return null;
  return found[1] === "ban" || found[1] === "mua" ? "sale" : "rent";
}

/** The first of the two words: "Bán nhà đang cho thuê 30 triệu" is for sale. */
function ofTitle(words: string): Transaction {
  if (WANTED.test(words)) return null;
  const found = /\b(?<!dang )(cho thue|ban|chuyen nhuong)\b/.exec(words);
  if (!found) return null;
  return found[1] === "cho thue" ? "rent" : "sale";
}
