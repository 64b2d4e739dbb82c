import { defineSpider } from "arachne";
import { Listing } from "../domain/bds/listing.ts";
import { mogi } from "../domain/bds/pages/mogi.ts";
import { readPage } from "../domain/bds/pages/read_page.ts";

export default defineSpider({
  description: "mogi.vn, sale and rent; -a start=URL begins at another list",
  item: Listing,
  startUrls: ({ args }) =>
    args["start"] === undefined ? ["https://mogi.vn/mua-nha-dat", "https://mogi.vn/thue-nha-dat"] : [args["start"]],
  parse: (page) => readPage(page, [mogi]),
  detail: (page) => readPage(page, [mogi]),
});
