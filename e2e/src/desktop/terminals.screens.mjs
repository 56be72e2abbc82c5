// Terminals on real hosts: typing, pasting, splits, keys that stay with the shell, and what happens when a connection goes.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account } from "../hosts.mjs";
import { clean, connect, connected, goTo, keepHost, openScreens, shows, terminalText, types } from "./screen.mjs";

describe("terminals", { timeout: 1800_000 }, () => {
  let screens, page;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }, { name: "web-2" }] });
    ({ page } = screens);
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account);
    await keepHost(screens, "web-2", screens.hosts["web-2"].port, account, { environment: "production" });
    await screens.open();
  });
  after(() => screens?.dispose());

  const panes = () => page.evaluate(() => window.__luumen.panes());
  const copy = (text) => page.evaluate((value) => navigator.clipboard.writeText(value), text);

  test("a host is opened, and what is typed reaches its shell in order", async () => {
    await connect(page, "web-1");
    // A shell that edits its line, whatever the account starts with.
    await types(page, "exec bash --norc");
    await types(page, "echo $((40 + 2))-is-the-answer");
    await shows(page, "42-is-the-answer");
    const line = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(3);
    await types(page, `printf '%s\\n' ${line} | tr a-z A-Z`);
    await shows(page, line.toUpperCase());
    await page.getByText("Connected", { exact: true }).first().waitFor();
    await clean(page, "terminal");
  });

  test("letters of other scripts come and go", async () => {
    await page.keyboard.insertText("echo 'grüße 漢字 привет 👩‍💻' | rev | rev");
    await page.keyboard.press("Enter");
    await shows(page, /\n?.*grüße 漢字 привет/);
  });

  test("the shell keeps its own keys", async () => {
    await types(page, "echo asleep; sleep 1000");
    await shows(page, /^asleep$/m);
    await page.keyboard.press("Control+c");
    await shows(page, /\^C/);
    await types(page, "echo interrupted-$?");
    await shows(page, "interrupted-130");
    // Ctrl+A, Ctrl+K and Ctrl+W edit the line; none of them is ours.
    await page.keyboard.type("wrong words");
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+k");
    await types(page, "echo line-was-cleared");
    await shows(page, /^line-was-cleared$/m);
    assert.equal(await page.getByRole("dialog").count(), 0, "the palette stays shut in a terminal");
  });

  test("a search finds what was written", async () => {
    await page.keyboard.press("Control+Shift+F");
    await page.getByLabel("Search in the terminal").fill("line-was-cleared");
    await page.getByText(/^\d of \d$/).waitFor();
    await page.keyboard.press("Escape");
  });

  test("a search says where it stops counting, has the keyboard when it is asked for again, and copies nothing", async () => {
    const field = page.getByLabel("Search in the terminal");
    await screens.call("preferences_set", { preferences: { copy_on_select: true } });
    await copy("mine");
    await types(page, "seq -f 'hit-%g' 1200; echo hits-are-$((1 + 1))-over");
    await shows(page, /^hits-are-2-over$/m);
    await page.keyboard.press("Control+Shift+F");
    await field.fill("hit-12");
    await page.getByText(/^\d+ of \d+$/).waitFor();
    await field.fill("hit-");
    await page.getByText("1000 or more", { exact: true }).waitFor();
    await page.locator(".xterm-helper-textarea").first().focus();
    await page.keyboard.press("Control+Shift+F");
    await eventually("the keyboard in the field", () => field.evaluate((input) => document.activeElement === input && input.selectionEnd === 4));
    // More is written, and it looks again by itself.
    await page.evaluate(() => window.__luumen.write(new TextEncoder().encode("hit-late\r\n")));
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "mine");
    await page.keyboard.press("Escape");
    await page.evaluate(() => window.__luumen.handle().term.select(0, 0, 3));
    await eventually("what a person selects is copied", async () => (await page.evaluate(() => navigator.clipboard.readText())) !== "mine");
    await screens.call("preferences_set", { preferences: { copy_on_select: false } });
  });

  test("a click far to the right is told in bytes, as the oldest programs want it", async () => {
    await types(page, String.raw`stty raw -echo; printf '\033[?1000h'; head -c 6 | od -An -tx1; printf '\033[?1000l'; stty sane; echo; echo raw-is-$((0 + 0))-over`);
    await page.waitForFunction(() => window.__luumen.handle().term.modes.mouseTrackingMode === "vt200");
    const { x, y, width, height } = await page.locator(".pane .xterm-screen").boundingBox();
    await page.mouse.move(x + width - 20, y + height / 2);
    await page.mouse.down();
    const text = await shows(page, /1b 5b 4d 20 [0-9a-f]{2} [0-9a-f]{2}/);
    // Told any earlier, the button's release would be the shell's to read, and stand in its next line.
    await shows(page, /^raw-is-0-over$/m);
    await page.mouse.up();
    assert.doesNotMatch(text, /1b 5b 4d 20 c2/, "UTF-8 is another place");
    assert.ok(Number.parseInt(/1b 5b 4d 20 ([0-9a-f]{2})/.exec(text)[1], 16) >= 0x80);
    await types(page, "echo after-the-$((1 + 0))-click");
    await shows(page, "after-the-1-click");
  });

  test("a paste of several lines is shown first, with what cannot be seen", async () => {
    await copy("echo one\u202e\necho two\n");
    await page.keyboard.press("Control+Shift+V");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("RLO").waitFor();
    await dialog.getByText("2 lines").waitFor();
    await clean(page, "paste-guard");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    assert.doesNotMatch(await terminalText(page), /^two$/m);
    await copy("echo pasted-at-once");
    await page.keyboard.press("Control+Shift+V");
    await shows(page, "echo pasted-at-once");
    await page.keyboard.press("Enter");
    await shows(page, /^pasted-at-once$/m);
  });

  test("a split shares the connection, and typing may go to both", async () => {
    await types(page, "echo first-$SSH_CONNECTION");
    const before = (await screens.call("sessions_list")).length;
    const first = /first-(\S+ \d+)/.exec(await shows(page, /first-127/))[1];
    await page.keyboard.press("Control+Shift+D");
    await eventually("a second pane", async () => (await panes()).length === 2);
    await eventually("its prompt", async () => (await terminalText(page)).trim() !== "");
    await types(page, "echo second-$SSH_CONNECTION");
    await shows(page, `second-${first}`);
    assert.equal((await screens.call("sessions_list")).length, before);
    await page.keyboard.press("Control+Shift+B");
    await page.getByText("Typing into 2 panes").waitFor();
    await types(page, "echo together-$((1 + 1))");
    for (const pane of await panes()) {
      await eventually("both panes", () => page.evaluate((id) => window.__luumen.text(id).includes("together-2"), pane));
    }
    await clean(page, "broadcast");
    await page.keyboard.press("Control+Shift+B");
    await types(page, "exit");
    await eventually("the split to close", async () => (await panes()).length === 1);
  });

  test("production stands out", async () => {
    await connect(page, "web-2");
    await page.locator(".pane[data-production]").getByText("PRODUCTION").waitFor();
    await page.getByRole("navigation", { name: "Tabs" }).getByText("production").waitFor();
    await clean(page, "production");
  });

  test("Ctrl+Tab goes to the tab used before", async () => {
    const current = () => page.locator('.tabs [aria-current="page"]').innerText();
    assert.match(await current(), /web-2/);
    await page.keyboard.press("Control+Tab");
    assert.match(await current(), /web-1/);
    await page.keyboard.press("Control+Tab");
    assert.match(await current(), /web-2/);
  });

  test("a key that belongs to the shell is refused, another is taken", async () => {
    await goTo(page, "Settings");
    await page.getByRole("tab", { name: "Keyboard" }).click();
    await page.getByRole("button", { name: "Change the key of: Search in the terminal" }).click();
    const field = page.getByLabel("Press the new key of: Search in the terminal");
    await field.press("Control+r");
    await page.getByText("Ctrl+R is a key of the shell").waitFor();
    await field.press("Control+Shift+G");
    await field.waitFor({ state: "detached" });
    await eventually("the key to be kept", async () => (await screens.call("preferences_get")).keys.find === "ctrl+shift+g");
    await goTo(page, "Sessions");
    await page.locator(".xterm-helper-textarea").first().focus();
    await page.keyboard.press("Control+Shift+G");
    await page.getByLabel("Search in the terminal").waitFor();
    await page.keyboard.press("Escape");
  });

  test("all keys are listed", async () => {
    await page.keyboard.press("Control+Shift+?");
    const dialog = page.getByRole("dialog", { name: "Keys" });
    await dialog.getByText("Split to the right").waitFor();
    await clean(page, "keys-list");
    await page.keyboard.press("Escape");
  });

  test("a lost connection keeps what was shown, and Enter connects again", async () => {
    await connect(page, "web-1");
    await types(page, "echo before-the-cut");
    await shows(page, /^before-the-cut$/m);
    await types(page, "kill -KILL $PPID");
    await page.getByRole("button", { name: "Reconnect (Enter)" }).waitFor();
    assert.match(await terminalText(page), /^before-the-cut$/m);
    await clean(page, "lost");
    await page.keyboard.press("Enter");
    await connected(page);
    await page.waitForFunction(() => document.activeElement?.classList.contains("xterm-helper-textarea"));
    await types(page, "echo after-the-cut");
    const text = await shows(page, /^after-the-cut$/m);
    assert.match(text, /^before-the-cut$/m);
  });

  test("a flood is read whole, drawn a few times, and ends with all of it on the screen", async () => {
    const flood = await page.evaluate(async () => {
      const handle = window.__luumen.handle();
      let pictures = 0;
      const seen = handle.term.onRender(() => (pictures += 1));
      const lines = Array.from({ length: 150_000 }, (_, line) => `\u001b[3${line % 8}mline ${line} of many, with some words to read\u001b[0m\r\n`);
      const all = new TextEncoder().encode(lines.join(""));
      let waiting = 0;
      await new Promise((resolve) => {
        for (let at = 0; at < all.length; at += 65_536) {
          const batch = all.subarray(at, at + 65_536);
          waiting += 1;
          handle.show(batch, batch.length, () => --waiting === 0 && resolve());
        }
      });
      const { buffer, rows } = handle.term;
      const written = Array.from({ length: rows }, (_, row) => buffer.active.getLine(buffer.active.baseY + row).translateToString(true).trimEnd());
      // The last picture comes a moment after the last byte.
      let drawn = [];
      for (let tries = 0; tries < 100 && drawn.join() !== written.join(); tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        drawn = [...handle.element.querySelectorAll(".xterm-rows > div")].map((row) => row.textContent.trimEnd());
      }
      seen.dispose();
      return { pictures, batches: Math.ceil(all.length / 65_536), drawn, written };
    });
    assert.deepEqual(flood.drawn, flood.written);
    assert.ok(flood.written.join("\n").includes("line 149999 of many"));
    // Without holding back there is one for each turn of reading, of which a batch takes at least one.
    assert.ok(flood.pictures > 0 && flood.pictures < flood.batches / 2, `${flood.pictures} pictures of ${flood.batches} batches`);
    await types(page, "echo drawn-$((20 + 3))");
    await page.locator(".xterm-rows").getByText("drawn-23").waitFor();
  });

  test("what is marked stays marked while more is written, and is gone from the screen when it is cleared", async () => {
    const marked = () => page.locator(".xterm-selection > div").count();
    assert.equal(await marked(), 0);
    await page.evaluate(() => window.__luumen.handle().term.selectAll());
    await eventually("the mark", async () => (await marked()) > 0);
    await page.evaluate(() => window.__luumen.write(new TextEncoder().encode("more\r\n".repeat(20))));
    assert.ok((await marked()) > 0);
    await page.evaluate(() => window.__luumen.handle().term.clearSelection());
    await eventually("the mark to go", async () => (await marked()) === 0);
  });

  test("exit closes the tab", async () => {
    const tabs = page.locator(".tab");
    const before = await tabs.count();
    await types(page, "exit");
    await eventually("the tab to close", async () => (await tabs.count()) === before - 1);
  });

  test("a session is recorded when it is asked for, marked, and played back", async () => {
    await connect(page, "web-1");
    await page.keyboard.press("Control+Shift+I");
    await page.getByRole("radiogroup", { name: "Session log" }).getByText("Full").click();
    await page.getByText("REC full").waitFor();
    await page.locator(".xterm-helper-textarea").first().focus();
    await types(page, "echo on-the-record");
    await shows(page, /^on-the-record$/m);
    await clean(page, "recording");
    await page.keyboard.press("Control+Shift+I");
    await types(page, "exit");
    await goTo(page, "Session logs");
    await page.getByRole("button", { name: "Play" }).waitFor();
    await page.getByRole("slider").press("End");
    await page.locator(".player .xterm-rows").getByText("on-the-record").first().waitFor();
    await clean(page, "player");
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});

describe("host keys", { timeout: 900_000 }, () => {
  let screens, page;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "new-1", known: false }] });
    ({ page } = screens);
    await keepHost(screens, "new-1", screens.hosts["new-1"].port, account);
    await screens.open();
  });
  after(() => screens?.dispose());

  const ask = async () => {
    await goTo(page, "Hosts");
    await page.getByRole("button", { name: "Connect to new-1" }).click();
  };
  const answered = () => page.getByRole("group", { name: "Question" });

  test("a new one is shown, and leaving is what Enter does", async () => {
    await ask();
    await answered().getByText(/SHA256:/).waitFor();
    await clean(page, "host-key-new");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Disconnect");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Could not connect to new-1" }).waitFor();
    await page.getByRole("button", { name: "Close", exact: true }).click();
  });

  test("one that is trusted once is asked about for the files too, and who cancels that keeps the session", async () => {
    await ask();
    await answered().getByRole("button", { name: "Trust this once" }).click();
    await connected(page);
    await page.keyboard.press("Control+Shift+I");
    await page.locator(".side").getByRole("tab", { name: "Files" }).click();
    await answered().getByText("This is asked for the files.").waitFor();
    await clean(page, "host-key-files");
    await answered().getByRole("button", { name: "Cancel", exact: true }).click();
    await connected(page);
    await types(page, "echo still-$((40 + 2))");
    await shows(page, /^still-42$/m);
    await page.keyboard.press("Control+Shift+I");
    await types(page, "exit");
  });

  test("a trusted one is kept in known_hosts", async () => {
    await ask();
    await answered().getByRole("button", { name: "Trust and remember" }).click();
    await connected(page);
    const known = await screens.call("known_hosts_list");
    assert.ok(known.some(({ host }) => host.includes(`:${screens.hosts["new-1"].port}`)));
    await types(page, "exit");
  });

  test("a changed one shows both, stays shut by default, and is replaced only under the host's name", async () => {
    await screens.person.host("other", { known: false });
    await changeKey(screens);
    await ask();
    await answered().getByText("The host key has changed").waitFor();
    assert.equal(await answered().getByText(/SHA256:/).count(), 2);
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Disconnect");
    await answered().getByRole("button", { name: "Replace the key…" }).click();
    const field = answered().getByLabel(/^Type .* to replace the key$/);
    await field.fill("something else");
    assert.ok(await answered().getByRole("button", { name: "Replace and connect" }).isDisabled());
    await clean(page, "host-key-changed");
    await field.fill("new-1");
    await answered().getByRole("button", { name: "Replace and connect" }).click();
    await connected(page);
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});

/** Puts another key in the place of the host's in known_hosts, as if the host had changed its own. */
async function changeKey({ person, hosts }) {
  const { readFileSync, writeFileSync } = await import("node:fs");
  const { join } = await import("node:path");
  const file = join(person.home, ".ssh", "known_hosts");
  const other = readFileSync(join(person.folder, "other", "host_key.pub"), "utf8").split(" ")[1];
  const port = hosts["new-1"].port;
  const lines = readFileSync(file, "utf8").split("\n").filter((line) => !line.includes(`:${port} `));
  writeFileSync(file, [...lines.filter(Boolean), `[127.0.0.1]:${port} ssh-ed25519 ${other}`, ""].join("\n"));
}

