import type { Listing } from "../../domain/bds/listing.ts";
import type { Draw } from "./random.ts";
import { weighted } from "./random.ts";

export type Transaction = "sale" | "rent";

/** A kind of property as the site's menu has it. */
export interface Kind {
  readonly transaction: Transaction;
  readonly slug: string;
  /** The menu's words for it. */
  readonly label: string;
  /** What the title calls it. */
  readonly noun: string;
  readonly type: NonNullable<Listing["property_type"]>;
  readonly categoryId: number;
  readonly weight: number;
  /** m² */
  readonly area: readonly [low: number, high: number];
  /** Million VND per m²; for rent per m² and month, in thousands. */
  readonly rate: readonly [low: number, high: number];
  /** Bedrooms, where one counts them. */
  readonly rooms?: readonly [low: number, high: number];
  /** It stands in a project with a name. */
  readonly project?: boolean;
}

/** `slug | label | noun | type | category | weight | area | rate | rooms | p` */
const SALE = `
ban-can-ho-chung-cu | Bán căn hộ chung cư | căn hộ | apartment | 324 | 24 | 38-140 | 35-120 | 1-4 | p
ban-can-ho-chung-cu-mini | Bán chung cư mini, căn hộ dịch vụ | chung cư mini | apartment | 650 | 3 | 24-55 | 22-45 | 1-2 |
ban-nha-rieng | Bán nhà riêng | nhà riêng | house | 41 | 22 | 28-160 | 40-260 | 2-7 |
ban-nha-biet-thu-lien-ke | Bán nhà biệt thự, liền kề | biệt thự | villa | 325 | 6 | 140-480 | 70-260 | 3-8 | p
ban-nha-biet-thu-lien-ke | Bán nhà biệt thự, liền kề | nhà liền kề | townhouse | 325 | 5 | 60-140 | 80-240 | 3-6 | p
ban-nha-mat-pho | Bán nhà mặt phố | nhà mặt phố | townhouse | 163 | 8 | 40-220 | 150-480 | 3-9 |
ban-shophouse-nha-pho-thuong-mai | Bán shophouse, nhà phố thương mại | shophouse | shophouse | 576 | 4 | 70-200 | 70-220 | | p
ban-dat-nen-du-an | Bán đất nền dự án | đất nền | land | 40 | 7 | 70-220 | 8-60 | | p
ban-dat | Bán đất | đất | land | 283 | 12 | 60-2600 | 4-70 | |
ban-trang-trai-khu-nghi-duong | Bán trang trại, khu nghỉ dưỡng | trang trại | farm | 44 | 2 | 1500-30000 | 1-6 | |
ban-condotel | Bán condotel | condotel | apartment | 562 | 2 | 30-75 | 35-80 | 1-2 | p
ban-kho-nha-xuong | Bán kho, nhà xưởng | kho xưởng | warehouse | 45 | 2 | 500-9000 | 4-18 | |
ban-loai-bat-dong-san-khac | Bán loại bất động sản khác | mặt bằng | other | 48 | 1 | 50-900 | 10-60 | |
`;
const RENT = `
cho-thue-can-ho-chung-cu | Cho thuê căn hộ chung cư | căn hộ | apartment | 326 | 26 | 30-130 | 120-330 | 1-4 | p
cho-thue-can-ho-chung-cu-mini | Cho thuê chung cư mini, căn hộ dịch vụ | căn hộ dịch vụ | apartment | 651 | 6 | 22-55 | 120-260 | 1-2 |
cho-thue-nha-rieng | Cho thuê nhà riêng | nhà riêng | house | 52 | 13 | 30-180 | 80-260 | 2-7 |
cho-thue-nha-biet-thu-lien-ke | Cho thuê nhà biệt thự, liền kề | biệt thự | villa | 577 | 4 | 120-420 | 120-300 | 3-8 | p
cho-thue-nha-mat-pho | Cho thuê nhà mặt phố | nhà mặt phố | townhouse | 51 | 11 | 40-260 | 250-900 | 1-8 |
cho-thue-shophouse-nha-pho-thuong-mai | Cho thuê shophouse, nhà phố thương mại | shophouse | shophouse | 578 | 4 | 70-220 | 150-500 | | p
cho-thue-nha-tro-phong-tro | Cho thuê nhà trọ, phòng trọ | phòng trọ | room | 57 | 14 | 12-40 | 90-180 | |
cho-thue-van-phong | Cho thuê văn phòng | văn phòng | office | 50 | 11 | 25-1200 | 180-600 | |
cho-thue-sang-nhuong-cua-hang-ki-ot | Cho thuê, sang nhượng cửa hàng, ki ốt | ki ốt | other | 55 | 4 | 12-90 | 200-700 | |
cho-thue-kho-nha-xuong-dat | Cho thuê kho, nhà xưởng, đất | kho xưởng | warehouse | 53 | 5 | 200-9000 | 35-120 | |
cho-thue-loai-bat-dong-san-khac | Cho thuê loại bất động sản khác | mặt bằng | other | 59 | 2 | 40-900 | 80-300 | |
`;

function range(text: string): [number, number] {
  const [low, high] = text.split("-").map(Number);
  return [low ?? 0, high ?? 0];
}

function read(table: string, transaction: Transaction): Kind[] {
  return table
    .trim()
    .split("\n")
    .map((line) => {
      const [slug = "", label = "", noun = "", type = "", id, weight, area = "", rate = "", rooms = "", p] = line
        .split("|")
        .map((s) => s.trim());
      return {
        transaction,
        slug,
        label,
        noun,
        type: type as Kind["type"],
        categoryId: Number(id),
        weight: Number(weight),
        area: range(area),
        rate: range(rate),
        ...(rooms === "" ? {} : { rooms: range(rooms) }),
        project: p === "p",
      };
    });
}

export const KINDS: Readonly<Record<Transaction, readonly Kind[]>> = { sale: read(SALE, "sale"), rent: read(RENT, "rent") };

export function drawKind(draw: Draw, transaction: Transaction): Kind {
  return weighted(draw, KINDS[transaction], (kind) => kind.weight);
}
