/** How each file of ../shared/data/listings is replayed: what one would write behind `arachne replay FILE --to clean`. */
export interface RealFile {
  file: string;
  maps: string[];
  /** `crawled_at` is stated where the file has none: the day of its newest listing, or of its commit. */
  sets: string[];
  /** false: `--no-header`. */
  header?: false;
}

const BDS = "source=batdongsan.com.vn";
const radar = [
  "price={price_vnd} đ",
  "area=area_m2",
  "address={ward}, {district}, {province}",
  "transaction=listing_type",
  "latitude=lat",
  "longitude=lng",
];

/** When each crawl of the recrawl series began. The files from the second on tell the day; the hours keep those of one day in order. */
export const SERIES_TIMES = [
  "2026-08-14T02:00:00Z",
  "2026-08-16T02:00:00Z",
  "2026-08-16T08:00:00Z",
  "2026-08-16T14:00:00Z",
  "2026-08-17T02:00:00Z",
  "2026-08-17T14:00:00Z",
  "2026-08-18T02:00:00Z",
];

export const SERIES: readonly RealFile[] = SERIES_TIMES.map((time, i) => ({
  file: `recrawl-series/bds_${i + 1}.json`,
  maps: [
    "link=source_url",
    "price=price_raw",
    "area=area_m2",
    "address={district}, {province}",
    "transaction=listing_type",
    "latitude=lat",
    "longitude=lng",
  ],
  sets: [BDS, `crawled_at=${time}`],
}));

export const REAL_FILES: readonly RealFile[] = [
  {
    file: "alonhadat_can_ban_2023.csv",
    maps: [
      "title=4",
      "price=15",
      "area=2",
      "bedrooms=3",
      "address=1",
      "posted=16",
      "property_type=18",
      "link=https://alonhadat.com.vn/can-ban/{#}",
    ],
    sets: ["source=alonhadat.com.vn", "transaction=Bán", "crawled_at=2023-07-30T00:00:00Z"],
    header: false,
  },
  {
    file: "alonhadat_cho_thue_2023.csv",
    maps: ["title=4", "price=15", "area=2", "address=1", "posted=16", "property_type=18", "link=https://alonhadat.com.vn/cho-thue/{#}"],
    sets: ["source=alonhadat.com.vn", "transaction=Cho thuê", "crawled_at=2023-07-30T00:00:00Z"],
    header: false,
  },
  {
    file: "alonhadat_intro_ds_2024.json",
    maps: [
      "link=url",
      "title=url",
      "price={price} triệu/tháng",
      "address={street}, {ward}, {district}, Hà Nội",
      "posted=post_date",
      "bedrooms=num_bedroom",
    ],
    sets: ["source=alonhadat.com.vn", "crawled_at=2024-05-22T00:00:00Z"],
  },
  {
    file: "anhpham_alonhadat_2020.csv",
    maps: [
      "title=name",
      "area=square_meter",
      "bedrooms=bedroom_no",
      "address={street}, {area}, {district}, Hà Nội",
      "link=https://alonhadat.com.vn/anhpham/{#}",
    ],
    sets: ["source=alonhadat.com.vn", "crawled_at=2020-06-01T00:00:00Z"],
  },
  {
    file: "bds_hanoi_2026.json",
    maps: ["address={location}, Hà Nội", "posted=date", "link=https://batdongsan.com.vn/hanoi/{#}"],
    sets: [BDS, "crawled_at=2026-01-18T00:00:00Z"],
  },
  {
    file: "bds_hcm_2024_raw.csv",
    maps: [
      "title=Tin {productId}",
      "link=https://batdongsan.com.vn/hcm-pr{productId}",
      "posted=date_post",
      "transaction=intent",
      "bedrooms=bedroom",
    ],
    sets: [BDS, "address=Hồ Chí Minh", "crawled_at=2023-10-30T00:00:00Z"],
  },
  {
    file: "bds_khdl_n7_2025.json",
    maps: ["posted=post_date", "bedrooms=bedroom", "property_type=loai_bds"],
    sets: [BDS, "crawled_at=2025-10-19T00:00:00Z"],
  },
  {
    file: "bds_vietnam_housing_2024.csv",
    maps: [
      "title=Address",
      "address=Address",
      "price={Price} tỷ",
      "area={Area} m²",
      "bedrooms=Bedrooms",
      "link=https://batdongsan.com.vn/vietnam-housing/{#}",
    ],
    sets: [BDS, "transaction=Bán", "crawled_at=2024-10-01T00:00:00Z"],
  },
  {
    file: "bds_vinh5905_2024.csv",
    maps: [
      "link=Link",
      "title=Title",
      "price=Mức giá",
      "area=Diện tích",
      "area=area",
      "address=Address",
      "posted=Ngày đăng",
      "bedrooms=Số phòng ngủ",
    ],
    sets: [BDS, "crawled_at=2024-11-20T00:00:00Z"],
  },
  {
    file: "benminh_batdongsan_2023.csv",
    maps: [
      "title=Title",
      "price={Price} {Price Unit}",
      "area={Area} {Area Unit}",
      "address={Ward}, {District}, {City}",
      "posted=Date",
      "link=https://batdongsan24h.com.vn/benminh/{#}",
    ],
    sets: ["source=batdongsan24h.com.vn", "crawled_at=2023-06-28T00:00:00Z"],
  },
  {
    file: "datnguyen_alonhadat_2020.csv",
    maps: [
      "title=name",
      "price={price} tỷ",
      "area={square_meter} m²",
      "bedrooms=bedroom_no",
      "link=https://alonhadat.com.vn/datnguyen/{#}",
    ],
    sets: ["source=alonhadat.com.vn", "transaction=Bán", "address=Hồ Chí Minh", "crawled_at=2020-10-01T00:00:00Z"],
  },
  {
    file: "dungdeta_batdongsan_2025.csv",
    maps: [
      "link=detail_link",
      "title=Tiêu đề",
      "price=Mức giá",
      "area={Diện tích (m2)} m²",
      "address=Địa chỉ",
      "bedrooms=Số phòng ngủ (phòng)",
    ],
    sets: [BDS, "crawled_at=2025-04-20T00:00:00Z"],
  },
  {
    file: "dungdeta_bds_details_2_2025.json",
    maps: ["link=detail_link", "title=Tiêu đề", "price=Mức giá", "area=Diện tích", "address=Địa chỉ", "bedrooms=Số phòng ngủ"],
    sets: [BDS, "crawled_at=2025-04-18T00:00:00Z"],
  },
  {
    file: "dungdeta_nhatot_details_2025.json",
    maps: [
      "link=url",
      "price_per_m2=Giá/m²",
      "area=Diện tích đất",
      "area=Diện tích sử dụng",
      "address=Địa chỉ",
      "bedrooms=Số phòng ngủ",
      "property_type=Loại hình nhà ở",
    ],
    sets: ["source=nhatot.com", "crawled_at=2025-04-20T00:00:00Z"],
  },
  {
    file: "dungdeta_nhatot_links_2025.json",
    maps: ["link=url"],
    sets: ["source=nhatot.com", "partial=true", "crawled_at=2025-04-19T00:00:00Z"],
  },
  {
    file: "khaixinh_nhatot_2025.csv",
    maps: [
      "price_per_m2=price_per_unit",
      "area=size",
      "area=living_area",
      "bedrooms=rooms",
      "property_type=land_type",
      "property_type=house_type",
      "link=https://www.nhatot.com/khaixinh/{#}",
    ],
    sets: ["source=nhatot.com", "crawled_at=2025-04-01T00:00:00Z"],
  },
  {
    file: "letriduc_batdongsan_2025.csv",
    maps: ["link=Link", "title=Link", "price=Khoảng giá", "area=Diện tích", "bedrooms=Số phòng ngủ"],
    sets: [BDS, "crawled_at=2025-10-20T00:00:00Z"],
  },
  {
    file: "nhatot_manax_2025.csv",
    maps: [
      "title=Land Type",
      "price=Price",
      "price_per_m2=Price per m2",
      "area=Area",
      "address=City",
      "bedrooms=Land Type",
      "property_type=Land Type",
      "link=https://www.nhatot.com/manax/{#}",
    ],
    sets: ["source=nhatot.com", "transaction=Bán", "crawled_at=2025-05-01T00:00:00Z"],
  },
  {
    file: "nhatot_properties_2025.csv",
    maps: ["address={location}, Hà Nội", "posted=date", "property_type=info", "link=https://www.nhatot.com/thue-bat-dong-san-ha-noi/{#}"],
    sets: ["source=nhatot.com", "crawled_at=2025-05-01T00:00:00Z"],
  },
  {
    file: "phuoc_properties_2024.csv",
    maps: ["link=url", "title=url", "price=Mức giá", "area=Diện tích", "address=Địa chỉ", "posted=Ngày đăng", "bedrooms=Số phòng ngủ"],
    sets: [BDS, "crawled_at=2024-10-25T00:00:00Z"],
  },
  {
    file: "quybuno_batdongsan1_2025.csv",
    maps: ["link=url", "area=Diện tích đất", "area=Diện tích sử dụng", "posted=Ngày đăng", "bedrooms=Phòng ngủ", "property_type=loai_hinh"],
    sets: ["source=mogi.vn", "crawled_at=2025-10-25T00:00:00Z"],
  },
  {
    file: "radar_batdongsan_2026.json",
    maps: [
      "link=source_url",
      "price=price_raw",
      "area=area_m2",
      "address={ward}, {district}, {province}",
      "address={district}, {province}",
      "transaction=listing_type",
      "posted=posted_at",
    ],
    sets: [BDS, "crawled_at=2026-08-18T02:00:00Z"],
  },
  { file: "radar_mogi_2026.json", maps: ["link=source_url", ...radar], sets: ["source=mogi.vn", "crawled_at=2026-08-18T02:00:00Z"] },
  { file: "radar_seed_listings_2026.json", maps: ["link=url", ...radar, "source=source_site"], sets: ["crawled_at=2026-08-14T02:00:00Z"] },
  {
    file: "thanhtuyen_batdongsan_2018.csv",
    maps: ["title=Title", "price=Price", "area=Area", "address=Location", "posted=Date", "link=https://batdongsan.com.vn/thanhtuyen/{#}"],
    sets: [BDS, "crawled_at=2018-10-01T00:00:00Z"],
  },
  ...SERIES,
];
