import { defineSpider } from "arachne";
import { Listing } from "../domain/bds/listing.ts";
import { nhatot } from "../domain/bds/pages/nhatot.ts";
import { readPage } from "../domain/bds/pages/read_page.ts";

export default defineSpider({
  description: "nhatot.com (chotot), sale and rent; -a start=URL begins at another list",
  item: Listing,
  startUrls: ({ args }) =>
    args["start"] === undefined
      ? ["https://www.nhatot.com/mua-ban-bat-dong-san", "https://www.nhatot.com/thue-bat-dong-san"]
      : [args["start"]],
  parse: (page) => readPage(page, [nhatot]),
});
