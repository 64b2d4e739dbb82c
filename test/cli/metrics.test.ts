import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../../scripts/services/port.ts";
import { parseExposition, valueOf, type Family } from "../app/exposition.ts";
import { createServer } from "node:net";
import { countingSite, createCrawlProject, links } from "./crawl-project.ts";
import { start } from "./project.ts";

const STREAM = `
import { z } from "zod";
import { defineItem, defineStream, intoServing } from "arachne";
const Offer = defineItem({ name: "offer", key: ["id"], schema: z.object({ id: z.string(), at: z.iso.datetime() }) });
export default defineStream({ topic: "t", item: Offer, into: { serving: intoServing({ alias: "offers", item: Offer, version: "at" }) } });
`;

/** Asks again and again, until the text is as wanted. */
async function scrape(port: number, wanted: (families: Map<string, Family>) => boolean): Promise<Map<string, Family>> {
  for (;;) {
    const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
      (answer) => answer.text(),
      () => undefined,
    );
    const families = text === undefined ? undefined : parseExposition(text);
    if (families !== undefined && wanted(families)) return families;
    await new Promise((next) => setTimeout(next, 100));
  }
}

test("a crawl tells what it has done so far; a stream beside it is told of at the same port, and takes the port over", async () => {
  const project = createCrawlProject({ "streams/offers.ts": STREAM });
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const site = await countingSite((request, response) => {
    if (request.url === "/") response.end(links("/1", "/2", "/gone", "/slow"));
    else if (request.url === "/gone") response.writeHead(404).end();
    else if (request.url === "/slow") void gate.then(() => response.end("<h1>slow</h1>"));
    else response.end("<h1>one</h1>");
  });
  const port = await freePort();
  const env = { METRICS_PORT: String(port), LOG_LEVEL: "debug" };
  const crawl = start(project.dir, ["crawl", "probe", "-a", `start=${site.url}/`, "--json"], { env });
  const families = await scrape(port, (f) => valueOf(f, "arachne_crawl_pages_total", { outcome: "failed" }) === 1 && valueOf(f, "arachne_crawl_pages_total", { outcome: "parsed" }) === 3); // prettier-ignore
  const probe = { process: "crawl", name: "probe", worker: "0" };
  expect(families.get("arachne_crawl_failed_pages_total")!.samples).toEqual([
    { name: "arachne_crawl_failed_pages_total", labels: { ...probe, reason: "http_404" }, value: 1 },
  ]);
  expect(valueOf(families, "arachne_crawl_pending_requests", probe)).toBe(1);
  expect(valueOf(families, "arachne_crawl_active_requests", probe)).toBe(1);
  expect(valueOf(families, "arachne_crawl_items_total", { outcome: "stored" })).toBe(3);
  expect(valueOf(families, "arachne_chain_backlog_items", { delivery: "files" })).toBe(3);
  expect(valueOf(families, "arachne_chain_delivered_items_total", { delivery: "files" })).toBe(0);

  const stream = start(project.dir, ["stream", "run", "offers"], { env });
  const both = await scrape(port, (f) => valueOf(f, "process_open_fds", { process: "stream" }) !== undefined);
  expect(valueOf(both, "arachne_stream_read_messages_total", { stream: "offers", sink: "serving", process: "stream" })).toBe(0);
  expect(valueOf(both, "process_open_fds", probe)).toBeGreaterThan(0);

  open();
  const done = await crawl.ended;
  expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining(`metrics: http://127.0.0.1:${port}/metrics`) as string });
  const after = await scrape(port, () => true);
  expect(after.get("process_open_fds")!.samples.map(({ labels }) => labels["name"])).toEqual(["offers"]);
  stream.kill("SIGTERM");
  const { code, stderr } = await stream.ended;
  expect(code).toBe(143);
  expect(stderr).toMatch(/debug metrics: crawl probe \(process \d+\) serves them at port/);
  expect(stderr).not.toMatch(/warn/);
});

test("a port that somebody else has stops no crawl, and is warned of once; a server of metrics cannot do without", async () => {
  const project = createCrawlProject();
  const site = await countingSite((_, response) => response.end("<li class=thing>a</li>"));
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => other.once("listening", done));
  const { port } = other.address() as { port: number };
  const crawl = await project.arachne("crawl", "probe", "-a", `start=${site.url}/`, "-s", `METRICS_PORT=${port}`);
  expect(crawl.code).toBe(0);
  expect(crawl.stderr.match(/warn .*/g)).toEqual([
    `warn metrics: listening on 127.0.0.1:${port}: another process listens there: set METRICS_PORT to a free port; the work goes on, and what it measures is in \`arachne metrics\``,
  ]);
  const [taken, none] = await Promise.all([
    project.arachne("metrics", "--serve", "-s", `METRICS_PORT=${port}`),
    project.arachne("metrics", "--serve"),
  ]);
  other.close();
  expect(taken).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("set METRICS_PORT to a free port") as string });
  expect(none).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("set METRICS_PORT") as string });
});

test("metrics are printed once, or served until they are no longer wanted", async () => {
  const project = createCrawlProject();
  mkdirSync(join(project.dir, "data"));
  const once = await project.arachne("metrics");
  expect(once).toMatchObject({ code: 0, stderr: "" });
  expect(parseExposition(once.stdout).size).toBe(0);
  const port = await freePort();
  const server = start(project.dir, ["metrics", "--serve", "-s", `METRICS_PORT=${port}`]);
  expect((await scrape(port, () => true)).size).toBe(0);
  server.kill("SIGINT");
  expect((await server.ended).code).toBe(130);
});
