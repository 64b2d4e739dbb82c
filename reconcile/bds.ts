import { defineReconciliation } from "arachne";
import { DistrictStatistics, ListingDocument, ProvinceStatistics } from "../domain/bds/serving.ts";
import { statisticsParts } from "../domain/bds/statistics.ts";

/** Listings as `bds_listings` serves them, against those that `bds_batch` makes of the batch files of the same crawls. */
export default defineReconciliation({
  description: "listings of the speed layer against the batch's, and the statistics of both",
  job: "bds_batch",
  stream: "bds_listings",
  documents: {
    alias: ({ settings }) => settings.ES_INDEX,
    item: ListingDocument,
    version: "crawled_at",
    output: "listings",
    batchOnly: ["gone_at"],
  },
  statistics: {
    province: {
      item: ProvinceStatistics,
      sql: (listings, { date, rows }) => statisticsParts({ listings, asOf: date, level: "province", rows }),
    },
    district: {
      item: DistrictStatistics,
      sql: (listings, { date, rows }) => statisticsParts({ listings, asOf: date, level: "district", rows }),
    },
  },
});
