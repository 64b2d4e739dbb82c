// Serves the tutorial's site on 127.0.0.1: node serve.mjs [port]
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const site = join(import.meta.dirname, "site");
const server = createServer((request, response) => {
  const path = new URL(request.url, "http://127.0.0.1").pathname; // already without ".."
  try {
    const page = readFileSync(join(site, path.endsWith("/") ? `${path}index.html` : path));
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
  } catch {
    response.writeHead(404, { "content-type": "text/html; charset=utf-8" }).end("<h1>Not found</h1>");
  }
});
server.listen(Number(process.argv[2] ?? 8080), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
