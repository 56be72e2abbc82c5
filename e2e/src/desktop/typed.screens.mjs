// A field for a secret holds signs only, and behaves as a field does: it is edited anywhere, pasted into and emptied.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { goTo, openScreens } from "./screen.mjs";

const SECRET = "pässwört 漢字 of mine";

describe("a field for a secret", { timeout: 900_000 }, () => {
  let screens, page, first, second;

  before(async () => {
    screens = await openScreens();
    ({ page } = screens);
    await goTo(page, "Settings");
    await page.getByRole("tab", { name: "Secrets", exact: true }).click();
    first = page.getByLabel("New passphrase", { exact: true });
    second = page.getByLabel("New passphrase again");
  });
  after(() => screens?.dispose());

  const signs = (count) => "•".repeat(count);
  const differs = () => page.getByText("It is not the same").isVisible();

  test("shows a sign for each character, and the page has the text nowhere", async () => {
    await first.click();
    await page.keyboard.insertText(SECRET);
    assert.equal(await first.inputValue(), signs(SECRET.length));
    assert.ok(!(await page.content()).includes("mine"));
  });

  test("is edited where the caret is, and by what is selected", async () => {
    await second.click();
    await page.keyboard.type("xf minex");
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Home");
    await page.keyboard.press("Delete");
    await page.keyboard.insertText("pässwört 漢字 ??");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.type("o");
    assert.equal(await second.inputValue(), signs(SECRET.length));
    assert.equal(await differs(), false, "the edits came to the same text");
    await page.keyboard.press("Backspace");
    assert.equal(await differs(), true);
    await page.keyboard.type("o");
    assert.equal(await differs(), false);
  });

  test("takes what is pasted, gives nothing to the clipboard, and takes nothing back by itself", async () => {
    const copied = (text) => page.evaluate((text) => navigator.clipboard.writeText(text), text);
    await copied("as before");
    await second.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+c");
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "as before");
    await copied(`${SECRET}\n`);
    await page.keyboard.press("Delete");
    assert.equal(await second.inputValue(), "");
    await page.keyboard.press("Control+z");
    assert.equal(await second.inputValue(), "", "what was deleted stays deleted");
    await page.keyboard.press("Control+v");
    assert.equal(await second.inputValue(), signs(SECRET.length));
    assert.equal(await differs(), false);
  });

  test("is sent as it was typed, and empty afterwards", async () => {
    await page.keyboard.press("Enter");
    await page.getByText("Secrets are in a vault file that your passphrase seals.").waitFor();
    await screens.call("vault_lock");
    await page.getByLabel("Passphrase of the vault").fill("another");
    await page.keyboard.press("Enter");
    await page.getByText("LUM-VAULT-PASSPHRASE").waitFor();
    assert.equal(await page.getByLabel("Passphrase of the vault").inputValue(), "");
    assert.equal((await screens.call("vault_unlock", { passphrase: SECRET })).state, "open");
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
