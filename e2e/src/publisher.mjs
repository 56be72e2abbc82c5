// Publishers of feeds on this machine: the sample's own documents under the paths of the real ones, and nothing else.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

import { top } from "./places.mjs";

const SAMPLE = join(top, "content", "sample");
const FILES = {
  "/debian/tracker/data/json": join(SAMPLE, "debian", "tracker.json"),
  "/kev/known_exploited_vulnerabilities.json": join(SAMPLE, "known_exploited_vulnerabilities.json"),
};

/** Starts them; `settings` are lines for a server that fetches from here, and from nobody else. */
export async function startPublisher() {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    const path = FILES[request.url];
    if (!path) return response.writeHead(404).end();
    const body = readFileSync(path);
    const etag = `"${createHash("sha256").update(body).digest("hex")}"`;
    if (request.headers["if-none-match"] === etag) return response.writeHead(304).end();
    // Slow enough to be seen on its way.
    setTimeout(() => response.writeHead(200, { etag, "content-length": body.length }).end(body), 1500);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${server.address().port}`;
  return { asked, settings: settings(base), stop: () => new Promise((resolve) => server.close(resolve)) };
}

function settings(base) {
  const list = readFileSync(join(top, "content", "feeds.yaml"), "utf8");
  const ids = [...list.matchAll(/^ {2}- id: (\S+)$/gm)].map(([, id]) => id);
  const ours = { "debian-tracker": `${base}/debian/`, "cisa-kev": `${base}/kev/` };
  const line = (id) => `  ${id}: ${ours[id] ? `{ base: "${ours[id]}" }` : "{ enabled: false }"}`;
  return ["feeds:", ...ids.map(line), ""].join("\n");
}
