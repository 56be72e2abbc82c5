// What is on its way: dropped onto a list, paused, gone on with, cancelled, and decided where something is already there.
import assert from "node:assert/strict";
import { appendFileSync, chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually, run } from "../child.mjs";
import { account } from "../hosts.mjs";
import { clean, connect, goTo, keepHost, openScreens } from "./screen.mjs";

/** Enough to be on its way for seconds; what was never written takes no room on the disk. */
const LARGE_BYTES = 512 * 1024 * 1024;
const WHOLE = "the first half, and the second half\n";

describe("transfers", { timeout: 900_000 }, () => {
  let screens, page, folder, home;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }] });
    ({ page } = screens);
    ({ home } = screens.person);
    // The account on the host may be another one than this person's.
    folder = mkdtempSync(join(tmpdir(), "luumen-on-the-host-"));
    chmodSync(folder, 0o777);
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account);
    await screens.open();
    await connect(page, "web-1");
    await goTo(page, "Files");
    await side("web-1").getByRole("button", { name: "Type a path" }).click();
    await side("web-1").getByLabel("Path", { exact: true }).fill(folder);
    await page.keyboard.press("Enter");
    await side("web-1").getByText("The folder is empty").waitFor();
  });
  after(async () => {
    await screens?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const side = (name) => page.getByRole("region", { name, exact: true });
  const entry = (name, file) => side(name).getByRole("option").filter({ hasText: file });
  const queue = () => page.getByRole("region", { name: "Transfers" });
  const row = (name) => queue().getByRole("listitem").filter({ hasText: name }).last();
  const here = (name, text) => writeFileSync(join(home, name), text);
  const there = (name, text) => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o666);
  };
  const onHost = (name) => readFileSync(join(folder, name), "utf8");
  const sum = (path) => run("sha256sum", [path]).stdout.split(" ")[0];
  const readAgain = async () => {
    for (const name of ["This device", "web-1"]) await side(name).getByRole("button", { name: "Read the folder again" }).click();
  };

  test("a file is dragged to the host, and another one back", async () => {
    here("letter.txt", "from this device\n");
    there("report.txt", "from the host\n");
    await readAgain();
    await entry("This device", "letter.txt").dragTo(side("web-1").getByRole("listbox"));
    await entry("web-1", "letter.txt").waitFor();
    assert.equal(onHost("letter.txt"), "from this device\n");
    await entry("web-1", "report.txt").dragTo(side("This device").getByRole("listbox"));
    await entry("This device", "report.txt").waitFor();
    assert.equal(readFileSync(join(home, "report.txt"), "utf8"), "from the host\n");
  });

  test("a file that is dropped where it came from goes nowhere", async () => {
    const before = (await screens.call("transfers_list")).length;
    await entry("web-1", "report.txt").dragTo(entry("web-1", "letter.txt"));
    assert.equal((await screens.call("transfers_list")).length, before);
  });

  test("files are dropped onto the panel beside a terminal, from a list and from outside of the window", async () => {
    here("dropped.txt", "by the list\n");
    here("outside.txt", "by the window\n");
    await goTo(page, "Sessions");
    await page.keyboard.press("Control+Shift+I");
    const panel = page.getByRole("complementary");
    await panel.getByRole("tab", { name: "Files" }).click();
    const list = panel.getByRole("region", { name: "web-1", exact: true });
    await list.getByRole("button", { name: "Type a path" }).click();
    await list.getByLabel("Path", { exact: true }).fill(folder);
    await page.keyboard.press("Enter");
    await list.getByRole("option").filter({ hasText: "letter.txt" }).waitFor();
    const dragged = await page.evaluateHandle((path) => {
      const data = new DataTransfer();
      data.setData("application/x-luumen-files-local", JSON.stringify([path]));
      return data;
    }, join(home, "dropped.txt"));
    await list.dispatchEvent("dragover", { dataTransfer: dragged });
    await page.locator(".files-side[data-over]").waitFor();
    await clean(page, "files-panel-drop");
    await list.dispatchEvent("drop", { dataTransfer: dragged });
    await list.getByRole("option").filter({ hasText: "dropped.txt" }).waitFor();
    assert.equal(onHost("dropped.txt"), "by the list\n");
    // As the window hands on what the system drops.
    await list.evaluate((element, paths) => element.dispatchEvent(new CustomEvent("luumen:dropped", { detail: paths })), [join(home, "outside.txt")]);
    await list.getByRole("option").filter({ hasText: "outside.txt" }).waitFor();
    assert.equal(onHost("outside.txt"), "by the window\n");
    await page.keyboard.press("Control+Shift+I");
    await goTo(page, "Files");
  });

  test("one that runs is paused and gone on with, and what is there then is whole", async () => {
    here("large.bin", "it begins, ");
    truncateSync(join(home, "large.bin"), LARGE_BYTES);
    appendFileSync(join(home, "large.bin"), "and it ends");
    await side("web-1").getByRole("button", { name: "Type a path" }).click();
    await side("web-1").getByLabel("Path", { exact: true }).fill(folder);
    await page.keyboard.press("Enter");
    await readAgain();
    await entry("This device", "large.bin").click();
    await side("This device").getByRole("button", { name: "Upload 1" }).click();
    await row("large.bin").getByText("Running").waitFor();
    await row("large.bin").getByRole("button", { name: "Pause large.bin" }).click();
    await row("large.bin").getByText("Paused").waitFor();
    assert.ok(!existsSync(join(folder, "large.bin")), "what is not whole has not its name");
    await clean(page, "transfers-paused");
    await row("large.bin").getByRole("button", { name: "Go on with large.bin" }).click();
    await row("large.bin").getByText("Done").waitFor({ timeout: 240_000 });
    assert.equal(sum(join(folder, "large.bin")), sum(join(home, "large.bin")));
    assert.deepEqual(readdirSync(folder).filter((name) => name.includes("part")), []);
  });

  test("one that runs is cancelled, and tried again", async () => {
    rmSync(join(home, "large.bin"));
    await readAgain();
    await entry("web-1", "large.bin").click();
    await side("web-1").getByRole("button", { name: "Download 1" }).click();
    await row("large.bin").getByText("Running").waitFor();
    await row("large.bin").getByRole("button", { name: "Cancel large.bin" }).click();
    await row("large.bin").getByText("Cancelled").waitFor();
    assert.ok(!existsSync(join(home, "large.bin")));
    await row("large.bin").getByRole("button", { name: "Try again: large.bin" }).click();
    await row("large.bin").getByText("Done").waitFor({ timeout: 240_000 });
    assert.equal(sum(join(home, "large.bin")), sum(join(folder, "large.bin")));
  });

  test("what has ended is cleared from the list", async () => {
    await queue().getByRole("button", { name: "Clear what has ended" }).click();
    await queue().waitFor({ state: "detached" });
    assert.deepEqual(await screens.call("transfers_list"), []);
  });

  const uploadAll = async (names) => {
    await readAgain();
    for (const [index, name] of names.entries()) await entry("This device", name).click(index > 0 ? { modifiers: ["Control"] } : {});
    await side("This device").getByRole("button", { name: `Upload ${names.length}` }).click();
  };

  test("skipping leaves what is there, overwriting puts the new one in its place", async () => {
    for (const name of ["one.txt", "two.txt"]) {
      here(name, `new ${name}\n`);
      there(name, `old ${name}\n`);
    }
    await uploadAll(["one.txt"]);
    await row("one.txt").getByRole("button", { name: "Skip" }).click();
    await row("one.txt").getByText("Skipped").waitFor();
    assert.equal(onHost("one.txt"), "old one.txt\n");
    await uploadAll(["two.txt"]);
    await row("two.txt").getByRole("button", { name: "Overwrite" }).click();
    await row("two.txt").getByText("Done").waitFor();
    assert.equal(onHost("two.txt"), "new two.txt\n");
  });

  test("resuming adds what is missing, and is offered only where something is", async () => {
    here("half.txt", WHOLE);
    there("half.txt", WHOLE.slice(0, 15));
    await uploadAll(["half.txt"]);
    await row("half.txt").getByRole("button", { name: "Resume" }).click();
    await row("half.txt").getByText("Done").waitFor();
    assert.equal(onHost("half.txt"), WHOLE);
    await uploadAll(["half.txt"]);
    await row("half.txt").getByRole("button", { name: "Skip" }).waitFor();
    assert.equal(await row("half.txt").getByRole("button", { name: "Resume" }).count(), 0);
    await row("half.txt").getByRole("button", { name: "Cancel half.txt" }).click();
    await row("half.txt").getByText("Cancelled").waitFor();
    assert.equal(onHost("half.txt"), WHOLE);
  });

  test("one decision may hold for all that follow", async () => {
    const names = ["a.txt", "b.txt", "c.txt"];
    for (const name of names) {
      here(name, `new ${name}\n`);
      there(name, `old ${name}\n`);
    }
    await uploadAll(names);
    await row("a.txt").getByText("is already there").waitFor();
    await row("a.txt").getByLabel("The same for all that follow").check();
    await row("a.txt").getByRole("button", { name: "Overwrite" }).click();
    for (const name of names) {
      await row(name).getByText("Done").waitFor();
      assert.equal(onHost(name), `new ${name}\n`);
    }
    await eventually("no question", async () => (await queue().getByRole("alert").count()) === 0);
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
