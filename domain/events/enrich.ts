import type { Json, JsonObject } from "./json_text.ts";

type Enricher = (payload: JsonObject) => JsonObject;

const text = (value: Json | undefined): string | undefined => (typeof value === "string" && value.trim() !== "" ? value.trim() : undefined);

/** What an event's type makes of its payload; what a payload does not have is left out. */
const BY_TYPE: Readonly<Record<string, Enricher>> = {
  page_view: byPage,
  page_left: byPage,
  search: ({ query }) => {
    const words = text(query)?.normalize("NFC").toLowerCase().split(/\s+/);
    return words === undefined ? {} : { query: words.join(" "), words: words.length };
  },
  order_placed: byOrder,
  order_cancelled: byOrder,
  payment_received: byOrder,
  user_signed_up: byUser,
  user_signed_in: byUser,
};

/** First words of types, by what they are about. */
const CATEGORIES: Readonly<Record<string, string>> = {
  page: "web",
  search: "web",
  click: "web",
  order: "commerce",
  payment: "commerce",
  cart: "commerce",
  user: "account",
  account: "account",
  sensor: "device",
  device: "device",
};

/** A pure function of type and payload, so that a message that comes again is enriched alike. */
export function enrichment(type: string, payload: JsonObject): JsonObject {
  const category = categoryOf(type);
  return { category, ...(Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type]!(payload) : {}) };
}

function byPage({ url }: JsonObject): JsonObject {
  const given = text(url);
  if (given === undefined || !URL.canParse(given)) return {};
  const { hostname, pathname } = new URL(given);
  return { host: hostname, path: pathname };
}

/** The sum in the currency's own unit as text, without the errors of binary fractions; several items are counted. */
function byOrder({ amount, currency, items }: JsonObject): JsonObject {
  const unit = text(currency)?.toUpperCase();
  return {
    ...(typeof amount === "number" ? { amount: String(amount) } : {}),
    ...(unit === undefined ? {} : { currency: unit }),
    ...(Array.isArray(items) ? { items: items.length } : {}),
  };
}

/** The domain alone: the address is in the payload already, and need not stand in two places. */
function byUser({ email }: JsonObject): JsonObject {
  const domain = /^[^@\s]+@([^@\s]+)$/.exec(text(email) ?? "")?.[1];
  return domain === undefined ? {} : { email_domain: domain.toLowerCase() };
}

function categoryOf(type: string): string {
  const [first = ""] = type.split("_");
  return Object.hasOwn(CATEGORIES, first) ? CATEGORIES[first]! : "other";
}
