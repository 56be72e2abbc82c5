// A host whose account may run all that a tier needs but one command: the scan is partial, says which line of sudoers is missing,
// and that very line mends it.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually, run } from "../child.mjs";
import { account, apart } from "../hosts.mjs";
import { built } from "../places.mjs";
import { clean, connect, keepHost, openScreens, shows, types } from "./screen.mjs";

const WITHIN_MS = 90_000;
const REFUSED = "/usr/sbin/sshd -T";

const missing = !apart ? "it needs root, for a host with a sudoers file of its own" : !existsSync("/usr/bin/sudo") && "sudo is not installed";
if (missing) console.log(`skipped: a scan that sudo refuses a part of: ${missing}`);

describe("a scan that sudo refuses a part of", { timeout: 900_000, skip: missing }, () => {
  const whole = missing ? "" : run(built("luumen-agent"), ["sudoers", "--tier", "standard", "--user", account]).stdout;
  let screens, page;

  before(async () => {
    const sudoers = whole.split("\n").filter((line) => !line.includes("sshd -T")).join("\n");
    assert.notEqual(sudoers, whole, "the tier has that line");
    screens = await openScreens({ hosts: [{ name: "web-1", sudoers }] });
    ({ page } = screens);
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account, { sudo_tier: "standard" });
    await screens.open();
    await connect(page, "web-1");
    await types(page, "sudo -n -l >/dev/null && echo may-$((1+1))");
    await shows(page, "may-2");
  });
  after(() => screens?.dispose());

  const side = () => page.getByRole("complementary");
  const last = async () => {
    const [row] = await screens.call("scans_list");
    return screens.call("scan_get", { scan: row.id });
  };
  const section = async (name) => (await last()).sections.find((one) => one.name === name);

  test("is partial, and names the missing line", async () => {
    await page.keyboard.press("Control+Shift+s");
    await side().getByRole("button", { name: "Export" }).waitFor({ timeout: WITHIN_MS });
    // There is no catalogue here, so nobody knows how many findings there are.
    assert.equal(await side().getByText(/^(Findings|Fixes) \d+$/).count(), 0);
    await side().getByText("Fixes", { exact: true }).click();
    await side().getByText("There is no catalogue on this device.").waitFor();
    await side().getByText(/^Not seen \d+$/).click();
    const line = `${account} ALL=(root) NOPASSWD: ${REFUSED}`;
    const gap = side().locator(".gaps section", { hasText: line });
    await gap.waitFor();
    assert.match(await gap.innerText(), /the account may not run this/);
    assert.match(await gap.innerText(), /Partial|Denied/);
    const copy = gap.getByRole("button", { name: "Copy: sudo line for Sshd" });
    const { x, width } = await copy.boundingBox();
    assert.ok(x + width <= page.viewportSize().width, "the button to copy it can be seen");
    await clean(page, "scan-denied");
    await copy.click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), line);
    const { status, sudo_line } = await section("sshd");
    assert.ok(["partial", "denied"].includes(status), status);
    assert.equal(sudo_line, line);
    assert.equal((await screens.call("scans_list"))[0].partial, true);
  });

  test("of the tier only that one: the other lines that it names are those of the next tier", async () => {
    const named = (await last()).sections.flatMap(({ sudo_line }) => sudo_line?.split("\n") ?? []);
    assert.deepEqual(named.filter((line) => whole.includes(line)), [`${account} ALL=(root) NOPASSWD: ${REFUSED}`]);
  });

  test("the line that it names is the one that mends it", async () => {
    const { sudo_line } = await section("sshd");
    const file = join(screens.person.folder, "web-1", "sudoers");
    writeFileSync(file, `${sudo_line}\n`, { flag: "a" });
    await side().getByRole("button", { name: /Scan again/ }).click();
    await eventually("the second scan", async () => { const rows = await screens.call("scans_list"); return rows.length === 2 && rows[0].state === "done"; }, WITHIN_MS);
    assert.equal((await section("sshd")).status, "ok");
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
