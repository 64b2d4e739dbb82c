import { defineSpider } from "arachne";
import { Listing } from "../domain/bds/listing.ts";
import { alonhadat } from "../domain/bds/pages/alonhadat.ts";
import { readPage } from "../domain/bds/pages/read_page.ts";

export default defineSpider({
  description: "alonhadat.com.vn, sale and rent; -a start=URL begins at another list",
  item: Listing,
  startUrls: ({ args }) =>
    args["start"] === undefined
      ? ["https://alonhadat.com.vn/can-ban-nha-dat", "https://alonhadat.com.vn/cho-thue-nha-dat"]
      : [args["start"]],
  parse: (page) => readPage(page, [alonhadat]),
  detail: (page) => readPage(page, [alonhadat]),
});
