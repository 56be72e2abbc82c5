// The pictures of the README, taken from the running app: `npm run screenshots -w @luumen/e2e`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openBrowser, openPage, picture, setTheme, settled, THEMES } from "./browser.mjs";
import { eventually, run } from "./child.mjs";
import { setupLink, startFleet } from "./fleet.mjs";
import { built, images, top } from "./places.mjs";

const HOSTS = [
  ["web-1", "bookworm", "web;production"],
  ["web-2", "bookworm", "web;production"],
  ["web-3", "trixie", "web;staging"],
  ["db-1", "bookworm", "db;production"],
  ["db-2", "trixie", "db;staging"],
  ["cache-1", "noble", "cache;production"],
  ["build-1", "noble", "build"],
  ["mail-1", "bullseye", "mail;production"],
  ["files-1", "bookworm", "files"],
];

const library = mkdtempSync(join(tmpdir(), "luumen-pictures-"));
run(built("luumen"), ["feeds", "build", "--from", join(top, "content", "sample"), "--sample", "--dir", library], {
  // Files that are no feed, such as the read-me, are named and left out.
  allowed: [0, 3],
  timeout: 120_000,
});
process.env.LUUMEN_CATALOGUE_DIR = join(library, "catalogue");
const fleet = await startFleet(HOSTS.map(([name, release]) => ({ name, release })));
const browser = await openBrowser();
try {
  const { page } = await openPage(browser, { viewport: { width: 1280, height: 800 } });
  await setUp(page);
  await collect(page);
  const host = await hostAddress(page, "web-1");
  await judged(page);
  for (const [name, path] of [
    ["overview", "/"],
    ["hosts", "/hosts"],
    ["host", host],
    ["packages", "/packages?name=openssl&op=lt&version=99"],
    ["diff", `${host}?tab=history`],
    ["vulnerabilities", "/vulnerabilities"],
    ["vulnerability", "/vulnerabilities/CVE-2023-45853"],
  ]) {
    await page.goto(fleet.url + path);
    await settled(page);
    if (name === "diff") await compare(page);
    for (const theme of THEMES) {
      await setTheme(page, theme);
      await page.waitForTimeout(400);
      await picture(page, `${name}-${theme}`, images);
      console.log(`docs/images/${name}-${theme}.png`);
    }
  }
} finally {
  await browser.close();
  await fleet.stop();
  rmSync(library, { recursive: true, force: true });
}

async function setUp(page) {
  await page.goto(await setupLink(fleet));
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill("ada@example.net");
  await page.getByRole("textbox", { name: "Password" }).fill("correct horse battery");
  await page.getByLabel("Workspace").fill("Production");
  await page.getByRole("button", { name: "Set up" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
}

/** Makes a key, adds the hosts, and lets the agent visit them before and after a change. */
async function collect(page) {
  const call = (path, options) =>
    page.evaluate(
      async ([address, init]) => {
        const answer = await fetch(`/api/v1${address}`, init);
        if (!answer.ok) throw new Error(`${address}: ${await answer.text()}`);
        return answer.json();
      },
      [path, options],
    );
  const lines = [
    ...fleet.hosts.map(({ name, port }, index) => `${name},127.0.0.1,${port},fleet,${HOSTS[index][2]}`),
    "legacy-1,127.0.0.1,1,fleet,legacy",
  ];
  await call("/hosts/import", {
    method: "POST",
    headers: { "content-type": "text/csv" },
    body: ["name,address,port,credential,tags", ...lines].join("\n"),
  });
  const { secret } = await call("/api-keys", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "patch-1", scope: "agent" }),
  });
  fleet.configureAgent(secret);
  fleet.runAgent();
  const [web] = fleet.hosts;
  web.upgrade("openssl", "3.0.99-1~deb12u1");
  web.upgrade("libssl3", "3.0.99-1~deb12u1");
  web.upgrade("curl", "7.88.99-1~deb12u1");
  web.remove("login");
  fleet.runAgent();
}

/** Waits until every host was judged. */
async function judged(page) {
  await eventually("the hosts to be judged", async () => {
    const answer = await page.request.get(`${fleet.url}/api/v1/vulnerabilities`);
    return answer.ok() && (await answer.json()).items.length > 3;
  }, 90_000);
}

async function hostAddress(page, name) {
  await page.goto(`${fleet.url}/hosts?q=${name}`);
  await settled(page);
  return page.getByRole("grid").getByRole("link", { name }).getAttribute("href");
}

async function compare(page) {
  const boxes = page.getByRole("checkbox");
  await boxes.first().check();
  await boxes.nth(1).check();
  await page.getByRole("heading", { name: "What changed" }).waitFor();
  await settled(page);
}
