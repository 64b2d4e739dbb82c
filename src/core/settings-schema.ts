import { z } from "zod";
import { parsePlace, PLACE_FORMS } from "./topic-place.ts";

// `.meta({ path: true })`: relative to the project's root, made absolute before anyone sees it.
const seconds = z.number().nonnegative();
const count = z.int().nonnegative();
const place = (all: "earliest" | "latest") =>
  z
    .string()
    .refine((text) => text === all || typeof (parsePlace(text) ?? "") !== "string", `allowed: ${all}, ${PLACE_FORMS}`)
    .optional();
const priorities = z.record(z.string(), z.int().min(0).max(1000));

/**
 * Every setting of the framework: Scrapy's name wherever Scrapy has one. The settings table in the README, `arachne
 * settings` and the check of names and values all come from here.
 */
export const settingsSchema = z.object({
  BOT_NAME: z.string().default("arachne").describe("Name of the project, in logs and the user agent"),
  USER_AGENT: z.string().default("arachne/0.1 (+https://example.com/bot)").describe("User-Agent header; robots.txt is read for it"),
  DEFAULT_REQUEST_HEADERS: z
    .record(z.string(), z.string())
    .default({ accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "accept-language": "vi,en;q=0.8" })
    .describe("Headers of every request"),

  CONCURRENT_REQUESTS: z.int().min(1).max(1000).default(16).describe("Requests under way at once, in all"),
  CONCURRENT_REQUESTS_PER_DOMAIN: z.int().min(1).max(1000).default(8).describe("Requests under way at once to one host"),
  DOWNLOAD_DELAY: seconds.default(0.5).describe("Seconds between two requests to one host (demo site and loopback: none unless set)"),
  RANDOMIZE_DOWNLOAD_DELAY: z.boolean().default(true).describe("Vary the delay between 0.5 and 1.5 times"),
  AUTOTHROTTLE_ENABLED: z.boolean().default(true).describe("Adapt the delay to how fast the site answers (never below DOWNLOAD_DELAY)"),
  AUTOTHROTTLE_START_DELAY: seconds.default(1).describe("First delay while nothing is known of the site"),
  AUTOTHROTTLE_MAX_DELAY: seconds.default(60).describe("Longest delay autothrottle sets"),
  AUTOTHROTTLE_TARGET_CONCURRENCY: z.number().positive().default(2).describe("Requests autothrottle keeps at the site at once"),

  DOWNLOAD_TIMEOUT: seconds.default(60).describe("Seconds until a request is given up"),
  DOWNLOAD_MAXSIZE: count.default(32 * 1024 * 1024).describe("Largest body in bytes, after decompression"),
  REDIRECT_MAX_TIMES: count.default(10).describe("Redirects followed for one request"),
  RETRY_ENABLED: z.boolean().default(true).describe("Try failed requests again"),
  RETRY_TIMES: count.default(3).describe("Further tries of a failed request"),
  RETRY_HTTP_CODES: z.array(z.int()).default([408, 425, 429, 500, 502, 503, 504, 522, 524]).describe("Status codes that are tried again"),
  RETRY_BACKOFF_SECONDS: seconds.default(1).describe("First pause before a further try; doubles each time, with jitter; Retry-After wins"),
  RETRY_BACKOFF_MAX_SECONDS: seconds.default(120).describe("Longest such pause"),
  HTTPERROR_ALLOWED_CODES: z.array(z.int()).default([]).describe("Status codes ≥ 300 that callbacks want to see"),
  COOKIES_ENABLED: z.boolean().default(true).describe("Keep cookies, one jar a crawl"),
  HTTP_PROXY: z.string().optional().describe("Proxy for all requests, http://user:password@host:port").meta({ secret: true }),
  ROBOTSTXT_OBEY: z.boolean().default(true).describe("Keep to robots.txt"),
  URLLENGTH_LIMIT: count.default(2083).describe("Longest URL followed"),
  DEPTH_LIMIT: count.default(0).describe("Links followed from a start URL; 0: no limit"),
  PRIVATE_ADDRESSES_ALLOWED: z
    .boolean()
    .optional()
    .describe("Whether requests may go to private addresses; default: only when a start URL is private itself"),

  CLOSESPIDER_PAGECOUNT: count.default(0).describe("Stop after this many pages; 0: no limit"),
  CLOSESPIDER_ITEMCOUNT: count.default(0).describe("Stop after this many items; 0: no limit"),
  CLOSESPIDER_TIMEOUT: seconds.default(0).describe("Stop after this many seconds; 0: no limit"),
  CLOSESPIDER_ERRORCOUNT: count.default(0).describe("Stop after this many failed requests; 0: no limit"),

  CHROMIUM_PATH: z.string().default("/usr/bin/chromium").describe("Browser for pages that need JavaScript"),
  BROWSER_CONCURRENCY: z.int().min(1).max(64).default(2).describe("Browser pages open at once"),

  ITEM_PIPELINES: priorities.default({}).describe("Item pipelines with their order, lowest first"),
  OUTBOX_MAX_ITEMS: z.int().min(1).default(50_000).describe("Undelivered items at which the crawl waits for its deliveries"),
  STATE_DIR: z.string().default("data/state").describe("Journals of the crawls").meta({ path: true }),

  BATCH_OUTPUT_DIR: z.string().default("data/batch_input").describe("Where export_to_batch_file writes").meta({ path: true }),
  BATCH_FILE_FORMAT: z.enum(["json", "jsonl", "csv", "parquet"]).default("json").describe("Format of batch files"),
  BATCH_SIZE: z.int().min(1).default(1000).describe("Items in a batch file"),
  BATCH_MAX_BYTES: count.default(64 * 1024 * 1024).describe("A batch file is also closed at this many bytes of items"),
  BATCH_MAX_AGE_SECONDS: seconds.default(300).describe("… or this many seconds after its first item"),

  TOPIC_DIR: z.string().default("data/topics").describe("The embedded topic log").meta({ path: true }),
  TOPIC_RETENTION_HOURS: z.number().nonnegative().default(168).describe("Messages older than this may be removed; 0: keep all"),
  KAFKA_BOOTSTRAP_SERVERS: z
    .string()
    .regex(/^\s*[\w.-]+:\d+(\s*,\s*[\w.-]+:\d+)*\s*$/)
    .optional()
    .describe("Kafka brokers, host:port (several: by comma); default: the embedded topic log"),
  KAFKA_CLIENT_ID: z.string().default("arachne").describe("What we are called in the brokers' logs and quotas"),
  KAFKA_TOPIC_PARTITIONS: z
    .int()
    .min(1)
    .default(3)
    .describe("Partitions of a topic that is created: how many processes of one group can share it"),
  KAFKA_REPLICATION_FACTOR: z
    .int()
    .min(1)
    .optional()
    .describe("Brokers that keep each partition of a topic that is created; default: the brokers' own"),
  KAFKA_COMPRESSION: z.enum(["gzip", "none"]).default("gzip").describe("How batches are compressed"),
  KAFKA_RETRY_SECONDS: seconds.default(30).describe("How long brokers that do not answer are tried again before it is an error"),
  KAFKA_SECURITY_PROTOCOL: z
    .enum(["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])
    .default("PLAINTEXT")
    .describe("Whether connections are encrypted (SSL) and authenticated (SASL)"),
  KAFKA_SASL_MECHANISM: z.enum(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]).default("PLAIN").describe("How a user proves who it is"),
  KAFKA_SASL_USERNAME: z.string().optional().describe("User under SASL_PLAINTEXT and SASL_SSL"),
  KAFKA_SASL_PASSWORD: z.string().optional().describe("… and password").meta({ secret: true }),
  KAFKA_SSL_CA_FILE: z
    .string()
    .optional()
    .describe("Certificate authority of the brokers, as PEM; default: the system's")
    .meta({ path: true }),
  SERVING_PATH: z.string().default("data/serving.db").describe("The embedded serving store").meta({ path: true }),

  STREAM_BATCH_MESSAGES: z.int().min(1).max(100_000).default(1000).describe("Messages in a micro-batch of a stream"),
  STREAM_BATCH_BYTES: z
    .int()
    .min(1)
    .default(8 * 1024 * 1024)
    .describe("A micro-batch is also closed at this many bytes"),
  STREAM_TRIGGER_SECONDS: seconds
    .max(3600)
    .default(0)
    .describe("How long a micro-batch's first message waits for others; 0: written as soon as it is read"),
  STREAM_MAX_MESSAGE_BYTES: z
    .int()
    .min(1)
    .default(1024 * 1024)
    .describe("Larger messages go to the dead letters"),
  STREAM_RETRY_BACKOFF_SECONDS: seconds.default(0.5).describe("First pause before a sink is tried again; doubles each time, with jitter"),
  STREAM_RETRY_BACKOFF_MAX_SECONDS: seconds.default(30).describe("Longest such pause"),
  STREAM_BREAKER_FAILURES: z.int().min(1).default(5).describe("Failed tries in a row at which a sink's breaker opens"),
  STREAM_BREAKER_SECONDS: seconds.default(30).describe("How long an open breaker lets nothing through before one try"),
  STREAM_LATENESS_SECONDS: seconds
    .default(0)
    .describe("How much later than a window's end events still count, unless the window says so itself"),
  STREAM_LATE_EVENTS: z.enum(["dead", "drop"]).default("dead").describe("Events behind that: to the dead letters, or only counted"),
  STREAM_MAX_AHEAD_SECONDS: seconds
    .default(86_400)
    .describe("Events further in the future than this are dead-lettered: one wrong clock would close every window; 0: no limit"),
  STREAM_IDLE_SECONDS: seconds.default(60).describe("A partition that gives nothing for so long holds no window open"),

  SOURCE_TYPE: z
    .enum(["json", "jsonl", "csv", "parquet", "kafka_replay"])
    .optional()
    .describe("Format of the batch job's input, or kafka_replay: the topic, see SOURCE_FROM; default: BATCH_FILE_FORMAT"),
  SOURCE_PATH: z
    .string()
    .optional()
    .describe("The batch job's input files; default: all of BATCH_OUTPUT_DIR and BATCH_ARCHIVE_DIR in that format")
    .meta({ path: true }),
  OUTPUT_PATH: z
    .string()
    .default("data/processed_batch")
    .describe("The batch job's output (a link to the newest version)")
    .meta({ path: true }),
  OUTPUT_VERSIONS: z.int().min(1).default(3).describe("Versions of the batch output kept"),
  DUCKDB_MEMORY_LIMIT: z
    .string()
    .default("1250MB")
    .describe("DuckDB's memory; beyond it spills to disk; the process takes up to 500 MB more"),
  DUCKDB_TEMP_DIR: z.string().optional().describe("Where DuckDB spills; default: beside the output").meta({ path: true }),

  BATCH_ENGINE: z.enum(["duckdb", "spark"]).default("duckdb").describe("What runs the batch jobs' SQL"),
  SPARK_REMOTE: z
    .string()
    .optional()
    .describe("Spark Connect server, sc://host:15002/;use_ssl=true;token=… ; it must see this project's folders under the same paths")
    .meta({ secret: true }),
  SOURCE_TOPIC: z.string().optional().describe("Topic that SOURCE_TYPE=kafka_replay reads; default: the only one there is"),
  SOURCE_FROM: place("earliest").describe(
    "Where kafka_replay begins to read it: earliest, a time, or offsets (0:1200,1:1180); default: earliest",
  ),
  SOURCE_TO: place("latest").describe(
    "… and where it ends, itself left out: latest, a time, or offsets; default: latest, its end when the run begins",
  ),
  BATCH_JOB: z.string().optional().describe("Job that `arachne batch` runs when none is named"),

  ELASTICSEARCH_URL: z
    .string()
    .optional()
    .describe("Elasticsearch 8, http://host:9200 (several: by comma); default: the embedded serving store"),
  ELASTICSEARCH_API_KEY: z.string().optional().describe("Its API key").meta({ secret: true }),
  ELASTICSEARCH_USERNAME: z.string().optional().describe("… or a user's name"),
  ELASTICSEARCH_PASSWORD: z.string().optional().describe("… and password").meta({ secret: true }),
  ELASTICSEARCH_CA_FILE: z.string().optional().describe("Certificate authority of an https:// server, as PEM").meta({ path: true }),
  ELASTICSEARCH_SHARDS: z.int().min(1).default(1).describe("Primary shards of an index that is created"),
  ELASTICSEARCH_REPLICAS: z.int().min(0).default(0).describe("Copies of each shard"),
  ELASTICSEARCH_REFRESH_INTERVAL: z.string().default("250ms").describe("How soon a document that changed can be found"),
  ELASTICSEARCH_RETRY_SECONDS: seconds
    .default(60)
    .describe("How long a server that is down or overloaded is tried again before the job fails"),
  KIBANA_URL: z
    .url({ protocol: /^https?$/ })
    .default("http://127.0.0.1:5601")
    .describe("Kibana that `npm run kibana:import` gives the dashboard to; it logs in as to Elasticsearch"),
  SERVING_VERSIONS: z.int().min(1).default(3).describe("Versions of a published table kept for `arachne rollback`"),

  CLICKHOUSE_HOST: z
    .string()
    .regex(/^(https?:\/\/)?([\w.-]+|\[[\da-fA-F:.]+\])$/)
    .optional()
    .describe("ClickHouse server, host or https://host; default: the embedded store"),
  CLICKHOUSE_PORT: z.int().min(1).max(65_535).default(8123).describe("Its HTTP port (9000 is the native protocol's, which is not spoken)"),
  CLICKHOUSE_DATABASE: z.string().min(1).default("default").describe("Database that its tables are in; it must be there"),
  CLICKHOUSE_USER: z.string().min(1).default("default").describe("User to log in as"),
  CLICKHOUSE_PASSWORD: z.string().default("").describe("… and password").meta({ secret: true }),
  CLICKHOUSE_ENGINE: z
    .enum(["MergeTree", "ReplacingMergeTree"])
    .default("MergeTree")
    .describe("Engine of a table that is created; ReplacingMergeTree also makes one of equal rows, sooner or later"),
  CLICKHOUSE_TIMEOUT_SECONDS: seconds.default(60).describe("A server that takes a request and does not answer for so long counts as down"),
  CHECKPOINT_LOCATION: z
    .string()
    .default("data/checkpoints")
    .describe("Where sinks note what they are about to insert: one folder a machine, not to be shared by two systems")
    .meta({ path: true }),

  QUALITY_MAX_ROWS_DROP: z
    .number()
    .min(0)
    .max(1)
    .default(0.3)
    .describe("Share of rows by which an output may shrink against the published one"),
  QUALITY_MAX_COVERAGE_DROP: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe("Points by which a field's share of filled values may fall (0.1: from 0.95 to 0.85)"),
  QUALITY_MAX_DRIFT: z
    .number()
    .min(0)
    .default(0.25)
    .describe("Population stability index above which a numeric field's distribution has drifted"),
  QUALITY_MIN_ROWS: count.default(100).describe("Rows below which shares and distributions are not compared"),
  SERVING_MAX_CHANGE: z.number().min(0).default(0.5).describe("Share by which a published table's rows may shrink from run to run"),
  SERVING_MAX_GROWTH: z
    .number()
    .min(1)
    .default(10)
    .describe("How many times its rows (at least QUALITY_MIN_ROWS) a published table may have in the next run"),

  SCHEDULER_TIMEZONE: z.string().default("Asia/Ho_Chi_Minh").describe("IANA zone of cron schedules and of jobs' dates"),
  JOB_SCHEDULES: z
    .record(z.string(), z.string())
    .default({})
    .describe("Cron schedules by job name that replace the jobs' own; off: not scheduled"),
  JOB_CATCH_UP: z
    .enum(["none", "latest", "all"])
    .default("latest")
    .describe("Runs missed while the scheduler was down: forget, the latest, all"),
  JOB_RETRIES: count.default(2).describe("Further tries of a scheduled run that failed"),
  JOB_RETRY_BACKOFF_SECONDS: seconds.default(30).describe("First pause before a further try; doubles each time, with jitter"),
  JOB_TIMEOUT_SECONDS: seconds.default(3600).describe("A run is ended after this long; 0: no limit"),
  JOB_LOCK_WAIT_SECONDS: seconds.default(1800).describe("How long a scheduled run waits for another that writes the same output"),
  JOB_STOP_SECONDS: seconds.default(30).describe("What a running job gets to end by itself when the scheduler stops"),
  MANAGER_BACKOFF_SECONDS: seconds
    .default(1)
    .describe("First pause before a process of `arachne up` that failed is started again; doubles each time, with jitter"),
  MANAGER_BACKOFF_MAX_SECONDS: seconds.default(60).describe("Longest such pause"),
  MANAGER_GIVE_UP_AFTER: z.int().min(1).default(10).describe("Failures in a row after which such a process is not started again"),
  MANAGER_STOP_SECONDS: seconds
    .default(30)
    .describe("What such a process gets to end by itself; the scheduler: at least what its jobs need"),
  LOG_DIR: z.string().default("data/logs").describe("Logs: of scheduled runs, of processes of `arachne up`").meta({ path: true }),
  LOG_MAX_BYTES: z
    .int()
    .min(1)
    .default(10 * 1024 * 1024)
    .describe("Size at which the log of a process of `arachne up` is rotated"),
  LOG_FILES: z.int().min(1).max(1000).default(5).describe("Files kept of such a log, with the newest"),

  BATCH_ARCHIVE_DIR: z.string().default("data/batch_archive").describe("Where taken batch files go").meta({ path: true }),
  ARCHIVE_AFTER_DAYS: z.number().nonnegative().default(7).describe("Days after which a taken batch file goes to the archive"),
  ARCHIVE_RETENTION_DAYS: count.default(0).describe("Days after which an archived file is removed; 0: never (a rebuild needs them)"),
  LOG_RETENTION_DAYS: count.default(30).describe("Days that logs of runs are kept; 0: for ever"),
  REFUSED_DIR: z.string().default("data/refused").describe("Documents that Elasticsearch refused for what they are").meta({ path: true }),
  REJECTED_RETENTION_DAYS: count.default(30).describe("Days that rejected items of crawls and refused documents are kept; 0: for ever"),

  METRICS_PORT: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe("Port of 127.0.0.1 where crawls, streams, jobs, the scheduler and the manager serve /metrics; default: none do"),
  HEALTH_TIMEOUT_SECONDS: z.number().positive().max(600).default(5).describe("How long `arachne health` waits for a service to answer"),
  HEALTH_MIN_FREE_BYTES: count.default(2 * 1024 ** 3).describe("Free disk space below which `arachne health` warns"),
  HEALTH_MAX_LAG: count.default(100_000).describe("Messages that a stream has yet to read above which `arachne health` warns"),

  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info").describe("Least level that is logged"),
  LOG_FORMAT: z.enum(["text", "json"]).default("text").describe("Lines for people or for machines"),
});
