// Findings by a catalogue of sample data on the device: each tells its reason, its fix, and every score with who gave it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually, run } from "../child.mjs";
import { account, apart } from "../hosts.mjs";
import { built, top } from "../places.mjs";
import { clean, connect, goTo, keepHost, openScreens } from "./screen.mjs";

const missing = !apart && "it needs root, for a host with packages of its own";
if (missing) console.log(`skipped: findings with their scores: ${missing}`);

describe("findings of a scan", { timeout: 900_000, skip: missing }, () => {
  let screens, page, finding;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1", release: "bookworm" }, { name: "db-1", release: "arch" }] });
    ({ page } = screens);
    screens.hosts["web-1"].upgrade("openssh-server", "1:9.2p1-2+deb12u1");
    const library = join(screens.person.home, ".local", "share", "luumen");
    // 3: made, and some sources have nothing to say.
    run(built("luumen"), ["feeds", "build", "--from", join(top, "content", "sample"), "--sample", "--dir", library], { allowed: [0, 3] });
    for (const name of ["web-1", "db-1"]) await keepHost(screens, name, screens.hosts[name].port, account);
    await screens.open();
    await connect(page, "web-1");
  });
  after(() => screens?.dispose());

  const side = () => page.getByRole("complementary");

  test("are told with scores of more than one source or edition", async () => {
    await page.keyboard.press("Control+Shift+s");
    await side().getByRole("button", { name: "Export" }).waitFor({ timeout: 90_000 });
    const [row] = await screens.call("scans_list");
    const { findings } = await screens.call("scan_get", { scan: row.id });
    finding = findings.find(({ scores, ssvc }) => scores?.length > 1 && ssvc);
    assert.ok(finding, `${findings.length} findings, none with several scores and CISA's decision points`);
  });

  test("show each score with its source, edition and vector", async () => {
    await side().getByRole("button", { name: new RegExp(`${finding.vulnerability}.*${finding.package}`) }).click();
    const shown = await side().locator(".scores li").allInnerTexts();
    assert.equal(shown.length, finding.scores.length);
    for (const [at, { score, source, version, vector }] of finding.scores.entries()) {
      for (const words of [score.toFixed(1), source, `CVSS ${version}`, vector]) assert.ok(shown[at].includes(words), `${words} in ${shown[at]}`);
    }
    await side().getByText("a proof of concept is public").waitFor();
    await clean(page, "finding");
  });

  test("of a system that the catalogue holds nothing for are not 0: nothing was judged", async () => {
    await connect(page, "db-1");
    await page.keyboard.press("Control+Shift+s");
    const ended = async () => (await screens.call("scans_list")).filter(({ state }) => state === "done");
    const [row] = await eventually("the second scan", async () => (await ended()).length === 2 && ended(), 90_000);
    const scan = await screens.call("scan_get", { scan: row.id });
    assert.ok(scan.unjudged.some((gap) => gap.startsWith("packages: the catalogue holds nothing for arch")), scan.unjudged.join("\n"));
    assert.equal(scan.judged, "nothing");
    assert.equal(row.judged, "nothing");
    await side().getByText("Nothing was judged").first().waitFor();
    await side().getByText(/^Packages: the catalogue holds nothing for arch/).waitFor();
    assert.equal(await side().getByText(/^(Findings|Fixes) \d+$/).count(), 0);
    await clean(page, "scan-nothing-judged");
    await goTo(page, "Scans");
    await page.getByRole("list", { name: "Scans" }).getByText("Nothing was judged").waitFor();
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
