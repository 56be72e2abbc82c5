// The desktop's pictures in README and guide, taken from its screens over real hosts: `npm run screenshots:desktop -w @luumen/e2e`.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { setTheme, smallPicture, THEMES } from "../browser.mjs";
import { startEcho } from "../carry.mjs";
import { eventually, freePort, run } from "../child.mjs";
import { account, apart } from "../hosts.mjs";
import { built, images, top } from "../places.mjs";
import { connect, goTo, keepHost, openScreens, shows, types } from "./screen.mjs";

if (!apart) throw new Error("the pictures need hosts with names of their own, and those need root");

const HOSTS = ["web-1", "web-2", "db-1", "cache-1"];
const screens = await openScreens({ hosts: HOSTS.map((name) => ({ name, release: name === "cache-1" ? "noble" : "bookworm" })) });
const { page, person, call, hosts } = screens;
const echo = await startEcho();
try {
  for (const name of ["web-1", "db-1"]) hosts[name].upgrade("openssl", "3.0.10-1~deb12u1");
  await prepare();
  await terminal();
  await broadcast();
  await forwards();
  await files();
  await scan();
  await table();
  await hostKey();
} finally {
  await echo.stop();
  await screens.dispose();
}

async function take(name) {
  // What was done just now is said at the edge for a while.
  await page.locator(".mantine-Notification-root").first().waitFor({ state: "detached" });
  for (const theme of THEMES) {
    await setTheme(page, theme);
    await page.waitForFunction((wanted) => document.documentElement.dataset.mantineColorScheme === wanted, theme);
    await page.mouse.move(640, 799);
    await page.waitForTimeout(400);
    await smallPicture(page, `desktop-${name}-${theme}`, images);
    console.log(`docs/images/desktop-${name}-${theme}.png`);
  }
}

/** Hosts in groups, with tags and environments, and a catalogue to scan with. */
async function prepare() {
  const group = async (name, settings = {}, parent = null) => (await call("group_save", { group: { parent, name, settings } })).id;
  const web = await group("Web", { environment: "production" });
  const data = await group("Databases", { environment: "production" });
  const lab = await group("Lab", { environment: "development" });
  const places = { "web-1": [web, ["nginx"]], "web-2": [web, ["nginx"]], "db-1": [data, ["postgresql"]], "cache-1": [lab, ["redis"]] };
  for (const name of HOSTS) {
    const kept = await keepHost(screens, name, hosts[name].port, account);
    const { id, last_connected_at: _connected, os: _os, last_scan_at: _scan, ...host } = kept;
    const [inside, tags] = places[name];
    const own = name === "db-1" ? [forward("local", "PostgreSQL", await freePort(), echo.port), forward("remote", "callbacks", await freePort(), echo.port), forward("dynamic", "everything behind it", await freePort())] : [];
    await call("host_save", { id, host: { ...host, group: inside, tags, forwards: own } });
  }
  const catalogue = join(person.home, "sample.catalogue");
  run(built("luumen"), ["feeds", "build", "--dir", join(person.folder, "library"), "--from", join(top, "content", "sample"), "--sample", "--out", catalogue]);
  await call("catalogue_import", { path: catalogue });
  await screens.open();
}

function forward(kind, label, port, toPort = null) {
  return { id: crypto.randomUUID(), kind, bind: "127.0.0.1", port, to_host: toPort ? "127.0.0.1" : null, to_port: toPort, auto: true, label };
}

async function bash(host) {
  await types(page, `exec env PS1='\\[\\e[32m\\]ops@${host}\\[\\e[0m\\]:\\[\\e[34m\\]\\w\\[\\e[0m\\]$ ' bash --norc`);
  await shows(page, `ops@${host}`);
  await types(page, "cd /etc; clear");
}

async function terminal() {
  await connect(page, "web-1");
  await bash("web-1");
  await types(page, "ls --color=always -F ssh security");
  await types(page, "uptime; free -h | head -2");
  await page.keyboard.press("Control+Shift+E");
  await eventually("a second pane", () => page.evaluate(() => window.__luumen.panes().length === 2));
  await eventually("its prompt", async () => /[$#]\s*$/.test(await page.evaluate(() => window.__luumen.text().trimEnd())));
  await bash("web-1");
  await types(page, "grep -v '^#' ssh/ssh_config | grep . | head -6; df -h / | tail -1");
  await page.keyboard.press("Control+Shift+I");
  await take("terminal");
  await page.keyboard.press("Control+Shift+I");
}

async function broadcast() {
  await connect(page, "web-2");
  await bash("web-2");
  await page.keyboard.press("Control+Alt+Shift+B");
  await page.getByRole("dialog").getByRole("checkbox", { name: "web-1, pane 1" }).check();
  await page.getByRole("button", { name: "Type into 2 panes" }).click();
  // Keys that come before the banner stands go to the pane with the keyboard alone.
  await page.getByText("Typing into 2 panes").waitFor();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await types(page, "hostname; head -1 os-release; systemctl is-active nginx || echo 'ask why'");
  await take("broadcast");
  await page.keyboard.press("Control+Shift+B");
}

async function forwards() {
  await connect(page, "db-1");
  await bash("db-1");
  await types(page, "ls -d p*; echo ready");
  await page.getByRole("button", { name: "3 forwards" }).click();
  await take("forwards");
}

async function files() {
  const folder = join(person.folder, "srv");
  for (const [inside, names] of [
    [folder, ["app.conf", "certificates.pem", "deploy.sh", "readme.md"]],
    [person.home, ["deploy.sh", "notes.md", "report.csv"]],
  ]) {
    mkdirSync(inside, { recursive: true });
    for (const name of names) writeFileSync(join(inside, name), `${name}\n`.repeat(40 + name.length * 7));
    for (const name of ["backups", "logs"]) mkdirSync(join(inside, name), { recursive: true });
  }
  chmodSync(folder, 0o777);
  await goTo(page, "Files");
  const there = page.getByRole("region", { name: "db-1", exact: true });
  await there.getByRole("button", { name: "Type a path" }).click();
  await there.getByLabel("Path", { exact: true }).fill(folder);
  await page.keyboard.press("Enter");
  await there.getByRole("option").filter({ hasText: "deploy.sh" }).waitFor();
  const here = page.getByRole("region", { name: "This device", exact: true });
  await here.getByRole("option").filter({ hasText: "report.csv" }).click();
  await here.getByRole("button", { name: "Upload 1" }).click();
  await there.getByRole("option").filter({ hasText: "report.csv" }).waitFor();
  await here.getByRole("option").filter({ hasText: "deploy.sh" }).click();
  await here.getByRole("button", { name: "Upload 1" }).click();
  await page.getByText("is already there").waitFor();
  await take("files");
  await page.getByRole("button", { name: "Skip" }).click();
}

async function scan() {
  await goTo(page, "Sessions");
  await page.locator(".tab-name").filter({ hasText: "web-1" }).click();
  await page.keyboard.press("Control+Shift+S");
  const panel = page.getByRole("complementary");
  await panel.getByRole("button", { name: "Export" }).waitFor({ timeout: 90_000 });
  await panel.getByRole("button", { name: /CVE-2023-5363/ }).click();
  await take("scan");
  await page.keyboard.press("Control+Shift+I");
}

async function table() {
  await goTo(page, "Hosts");
  await page.getByRole("grid", { name: "Hosts" }).getByText("cache-1").waitFor();
  await take("hosts");
}

/** A host that shows another key than the one in known_hosts. */
async function hostKey() {
  await person.host("new-1", { known: false });
  const strange = await person.host("mail-1", { known: false });
  const other = run("cut", ["-d", " ", "-f", "1,2", join(person.folder, "new-1", "host_key.pub")]).stdout.trim();
  writeFileSync(join(person.home, ".ssh", "known_hosts"), `[127.0.0.1]:${strange.port} ${other}\n`, { flag: "a" });
  await keepHost(screens, "mail-1", strange.port, account);
  await goTo(page, "Hosts");
  await page.getByRole("button", { name: "Connect to mail-1", exact: true }).click();
  await page.getByText("The host key has changed").waitFor();
  await page.getByRole("button", { name: "Replace the key…" }).click();
  await take("host-key-changed");
}
