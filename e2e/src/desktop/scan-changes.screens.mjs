// Two scans of one host with the sample catalogue, and what changed between them.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually, run } from "../child.mjs";
import { account, apart } from "../hosts.mjs";
import { built, top } from "../places.mjs";
import { clean, connect, goTo, keepHost, openScreens } from "./screen.mjs";

describe("what changed between two scans", { timeout: 900_000, skip: apart ? false : "only root can give a host packages of its own" }, () => {
  let screens, page, host;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }] });
    ({ page } = screens);
    host = screens.hosts["web-1"];
    host.upgrade("openssl", "3.0.10-1~deb12u1");
    await keepHost(screens, "web-1", host.port, account);
    await screens.open();
  });
  after(() => screens?.dispose());

  const panel = () => page.getByRole("complementary");
  const show = (what) => panel().getByRole("radiogroup", { name: "What to show" }).getByText(what).click();
  const part = (title) => panel().locator("section").filter({ has: page.getByRole("heading", { name: title }) });
  const scan = async (button) => {
    const before = (await screens.call("scans_list")).length;
    await panel().getByRole("button", { name: button }).click();
    await eventually("the scan", async () => (await screens.call("scans_list")).filter(({ state }) => state === "done").length > before, 90_000);
    await panel().getByRole("button", { name: "Export" }).waitFor();
  };

  test("a catalogue is brought, and is called a sample", async () => {
    const file = join(screens.person.home, "sample.catalogue");
    run(built("luumen"), ["feeds", "build", "--dir", join(screens.person.folder, "library"), "--from", join(top, "content", "sample"), "--sample", "--out", file]);
    assert.ok(existsSync(file));
    await goTo(page, "Settings");
    await page.getByRole("tab", { name: "Catalogue" }).click();
    await page.getByLabel("Bring a signed bundle or a catalogue file").fill(file);
    await page.getByRole("button", { name: "Use it" }).click();
    await page.getByRole("main").getByText(/sample/i).first().waitFor();
    await clean(page, "settings-catalogue-sample");
  });

  test("the first scan finds, says why and what to do, and has nothing to be compared with", async () => {
    await connect(page, "web-1");
    await page.keyboard.press("Control+Shift+I");
    await panel().getByRole("tab", { name: "Scan" }).click();
    await scan("Scan this host");
    await panel().getByLabel("Search the findings").fill("CVE-2023-5363");
    await panel().getByRole("button", { name: /CVE-2023-5363/ }).click();
    await panel().getByText("3.0.11-1~deb12u2").first().waitFor();
    await clean(page, "scan-findings");
    await show("Fixes");
    await panel().getByText("openssl").first().waitFor();
    await clean(page, "scan-fixes");
    await show("Changes");
    await panel().getByText("Nothing to compare with").waitFor();
  });

  test("the second says what is new, what is gone, and which packages changed", async () => {
    host.upgrade("openssl", "3.0.19-1~deb12u2");
    host.upgrade("libc6", "2.36-9+deb12u1");
    host.remove("login");
    await scan("Scan again");
    await show("Changes");
    await part("Gone").getByText("CVE-2023-5363").waitFor();
    await part("New").getByText("CVE-2023-4911").waitFor();
    const packages = await part("Packages").getByRole("listitem").allInnerTexts();
    assert.ok(packages.includes("openssl 3.0.10-1~deb12u1 → 3.0.19-1~deb12u2"), packages.join("\n"));
    assert.ok(packages.some((line) => /^login \S+ → removed$/.test(line)), packages.join("\n"));
    await clean(page, "scan-changes");
  });

  test("the same host again has no changes, and an older scan can be chosen", async () => {
    await scan("Scan again");
    await show("Changes");
    await panel().getByText("Nothing changed").waitFor();
    await panel().getByLabel("Compared with").first().click();
    await page.getByRole("option").last().click();
    await part("Gone").getByText("CVE-2023-5363").waitFor();
  });

  test("what is written out has what was found", async () => {
    const path = join(screens.person.home, "scan.csv");
    await panel().getByRole("button", { name: "Export" }).click();
    await page.getByLabel("Write to").fill(path);
    await page.keyboard.press("Enter");
    // The dialog goes when the file is whole.
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const text = readFileSync(path, "utf8");
    assert.match(text, /CVE-2023-4911/);
    assert.doesNotMatch(text, /CVE-2023-5363/);
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
