import { defineSpider } from "arachne";
import { bdsDemo } from "../demo/bds/site.ts";
import { Listing } from "../domain/bds/listing.ts";
import { bds2020 } from "../domain/bds/pages/bds_2020.ts";
import { bds2026 } from "../domain/bds/pages/bds_2026.ts";
import { readPage } from "../domain/bds/pages/read_page.ts";

const LAYOUTS = [bds2026, bds2020];

export default defineSpider({
  description: "batdongsan.com.vn, sale and rent; BDS_START_URL names the list to start from",
  item: Listing,
  demo: bdsDemo,
  startUrls: ({ settings }) => [settings.BDS_START_URL],
  parse: (page) => readPage(page, LAYOUTS),
  detail: (page) => readPage(page, LAYOUTS),
});
