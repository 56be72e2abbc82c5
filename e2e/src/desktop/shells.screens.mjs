// One shell for each pane and no other: over lines that are lost, pages that are opened anew, and hosts that give none. What is typed or
// pasted reaches the shell it was meant for, or none.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { eventually } from "../child.mjs";
import { account, apart } from "../hosts.mjs";
import { clean, connect, connected, goTo, keepHost, openScreens, shows, terminalText, types } from "./screen.mjs";

const PASSWORD = "over the second hill";
/** Where a key would have pasted by then: it waits a moment for the browser to do it. */
const PASTED_MS = 500;

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

describe("the shells of the panes", { timeout: 600_000 }, () => {
  let screens, page;

  before(async () => {
    screens = await openScreens({ hosts: [{ name: "web-1" }, { name: "few-1", sshd: ["MaxSessions 1"] }] });
    ({ page } = screens);
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account, { log: "metadata" });
    await keepHost(screens, "few-1", screens.hosts["few-1"].port, account);
    await screens.open();
  });
  after(() => screens?.dispose());

  const panes = () => page.locator(".pane");
  const inTerminal = () => page.waitForFunction(() => document.activeElement?.classList.contains("xterm-helper-textarea"));
  const logs = async () => (await screens.call("logs_list")).length;
  /** A shell that answers: nothing that was typed before it stands in its line. */
  const ready = async (mark) => {
    await inTerminal();
    await types(page, `echo ready-${mark}-$((40 + 2))`);
    return shows(page, new RegExp(`^ready-${mark}-42$`, "m"));
  };
  /** All shells of the connection, seen or not: whatever the host's side of it has started. */
  const shells = async (mark) => {
    await types(page, `echo shells-${mark}-$(pgrep -cP $PPID)`);
    const said = new RegExp(`^shells-${mark}-(\\d+)$`, "m");
    return Number(said.exec(await shows(page, said))[1]);
  };
  const allConnected = () => eventually("every pane to be connected", async () => (await panes().count()) > 0 && (await page.locator(".connect").count()) === 0);
  const lose = async () => {
    await types(page, "kill -KILL $PPID");
    await page.getByRole("button", { name: "Reconnect (Enter)" }).first().waitFor();
  };
  const reconnect = async () => {
    await page.getByRole("button", { name: "Reconnect (Enter)" }).first().click();
    await allConnected();
    await inTerminal();
  };

  test("a line that is lost twice has as many shells and logs as panes", async () => {
    await connect(page, "web-1");
    await ready("first");
    await page.keyboard.press("Control+Shift+D");
    await eventually("the split", async () => (await panes().count()) === 2);
    await ready("split");
    assert.equal(await shells("before"), 2);
    for (const time of ["once", "twice"]) {
      await lose();
      await reconnect();
      await ready(time);
      await eventually("the shell beside it", async () => (await shells(`${time}-${Date.now()}`)) >= 2);
      assert.equal(await shells(time), 2);
    }
    assert.equal(await logs(), 2, "a log goes on over a lost line");
  });

  test("a terminal that was resized while its line was lost tells the next shell", async () => {
    await lose();
    await page.setViewportSize({ width: 1100, height: 700 });
    await later(300);
    await reconnect();
    const { cols, rows } = await page.evaluate(() => ({ cols: window.__luumen.handle().term.cols, rows: window.__luumen.handle().term.rows }));
    await types(page, "echo size-$(stty size | tr ' ' x)");
    await shows(page, new RegExp(`^size-${rows}x${cols}$`, "m"));
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test("what is typed while the line is lost is run by no shell, and that is said once", async () => {
    await lose();
    await page.evaluate(() => window.__luumen.handle().focus());
    await inTerminal();
    await types(page, "echo lo''st");
    await page.getByText("Could not type into the terminal").waitFor();
    assert.equal(await page.getByText("Could not type into the terminal").count(), 1);
    await reconnect();
    const text = await ready("after-the-loss");
    assert.doesNotMatch(text, /^lost$/m);
    assert.doesNotMatch(text, /echo lo''st/);
  });

  test("a pane that is closed while its line is lost has no shell with the next", async () => {
    await lose();
    await page.keyboard.press("Control+Shift+W");
    await eventually("one pane", async () => (await panes().count()) === 1);
    await reconnect();
    await ready("alone");
    assert.equal(await shells("alone"), 1);
  });

  test("what a lost program had switched on is off again", async () => {
    // Cursor keys, keypad, focus, insert, line drawing, where the mouse is, and margins.
    await types(page, String.raw`printf '\033[?1h\033=\033[?1004h\033[4h\033[?6h\033[?1003h\033[?1016h\033[2;5r\033(0'; sleep 0.3; kill -KILL $PPID`);
    await page.getByRole("button", { name: "Reconnect (Enter)" }).first().waitFor();
    await reconnect();
    await ready("plain-lqk");
    const { modes } = await page.evaluate(() => {
      const { modes } = window.__luumen.handle().term;
      const { applicationCursorKeysMode, applicationKeypadMode, insertMode, originMode, sendFocusMode, mouseTrackingMode } = modes;
      return { modes: { applicationCursorKeysMode, applicationKeypadMode, insertMode, originMode, sendFocusMode, mouseTrackingMode } };
    });
    const off = { applicationCursorKeysMode: false, applicationKeypadMode: false, insertMode: false, originMode: false, sendFocusMode: false, mouseTrackingMode: "none" };
    assert.deepEqual(modes, off);
  });

  test("what a lost program had switched on is off again however late it is shown, and the next shell's own words stay", async () => {
    await page.addInitScript(() => {
      const Own = window.WebSocket;
      window.WebSocket = class extends Own {
        set onmessage(hear) {
          const isTerminal = this.url.includes("/terminals/");
          super.onmessage = (event) => (isTerminal ? setTimeout(() => hear(event), window.bytesLateMs ?? 0) : hear(event));
        }
      };
    });
    await screens.open();
    await allConnected();
    await ready("on-time");
    await page.evaluate(() => (window.bytesLateMs = 1500));
    await types(page, String.raw`printf '\033[?1h\033[?1004h\033[4h\033[?1003h\033(0'; sleep 0.3; kill -KILL $PPID`);
    await page.getByRole("button", { name: "Reconnect (Enter)" }).first().waitFor();
    await reconnect();
    await ready("late-lqk");
    await page.evaluate(() => (window.bytesLateMs = 0));
    const { sendFocusMode, insertMode, mouseTrackingMode } = await page.evaluate(() => {
      const { sendFocusMode, insertMode, mouseTrackingMode } = window.__luumen.handle().term.modes;
      return { sendFocusMode, insertMode, mouseTrackingMode };
    });
    assert.deepEqual({ sendFocusMode, insertMode, mouseTrackingMode }, { sendFocusMode: false, insertMode: false, mouseTrackingMode: "none" });
  });

  test("a page that is opened anew goes on with the shells that are there", async () => {
    await page.keyboard.press("Control+Shift+E");
    await eventually("the split", async () => (await panes().count()) === 2);
    await ready("below");
    // A program asks where the cursor is, and is answered. Shown again, the question is old.
    await types(page, String.raw`printf '\033[6n'; read -r where; echo in-shell-$$`);
    await shows(page, /\^\[\[\d+;\d+R/);
    await page.keyboard.press("Enter");
    const [, shell] = /^in-shell-(\d+)$/m.exec(await shows(page, /^in-shell-\d+$/m));
    const before = await logs();
    await eventually("the tabs on disk", async () => {
      const { panes } = await screens.call("layout_get");
      return Object.values(panes).filter(({ terminal }) => terminal).length === 2;
    });
    await screens.open();
    await allConnected();
    const text = await shows(page, `in-shell-${shell}`);
    assert.match(text, /^ready-below-42$/m, "what it showed last is shown again");
    await inTerminal();
    await types(page, "echo still-$$");
    await shows(page, new RegExp(`^still-${shell}$`, "m"));
    assert.doesNotMatch(await terminalText(page), /[\d[;]+R *echo still|R: not found/);
    assert.equal(await shells("anew"), 2);
    assert.equal(await logs(), before);
    await page.keyboard.press("Control+Alt+ArrowUp");
    await ready("above");
    await shows(page, /^ready-plain-lqk-42$/m);
  });

  test("what is typed next is for the pane that the keyboard was moved to, however late it is drawn", async () => {
    await page.evaluate(() => {
      const own = window.requestAnimationFrame;
      window.requestAnimationFrame = Object.assign((draw) => setTimeout(() => own(draw), 1000), { own });
    });
    try {
      for (const [key, mark] of [["ArrowDown", "went-below"], ["ArrowUp", "went-above"]]) {
        await page.keyboard.press(`Control+Alt+${key}`);
        await types(page, `echo ${mark}-$((40 + 2))`);
        await shows(page, new RegExp(`^${mark}-42$`, "m"));
      }
    } finally {
      await page.evaluate(() => (window.requestAnimationFrame = window.requestAnimationFrame.own) && null);
    }
  });

  test("a page that is opened anew shows a lost line as lost, and connects it in its place", async () => {
    await lose();
    await screens.open();
    await page.getByRole("button", { name: "Reconnect (Enter)" }).first().waitFor();
    await reconnect();
    await ready("anew-and-back");
    // The shell that is there now has its questions answered.
    await types(page, String.raw`printf '\033[6n'; read -r where; echo heard`);
    await shows(page, /echo heard\n\^\[\[\d+;\d+R/);
    await page.keyboard.press("Enter");
    await shows(page, /^heard$/m);
    await eventually("the shell beside it", async () => (await shells(`back-${Date.now()}`)) >= 2);
    assert.equal(await shells("back"), 2);
  });

  test("a host that gives no second shell says so in its pane, and gives one when there is room", async () => {
    await connect(page, "few-1");
    await ready("the-one");
    await page.keyboard.press("Control+Shift+D");
    await page.getByRole("heading", { name: "Could not open a shell on few-1" }).waitFor();
    await page.getByText("MaxSessions").first().waitFor();
    await clean(page, "no-shell");
    const again = page.getByRole("button", { name: "New shell (Enter)" });
    await again.click();
    await again.waitFor();
    // The pane beside it makes room.
    await page.keyboard.press("Control+Alt+ArrowLeft");
    await ready("still-there");
    await page.keyboard.press("Control+Shift+W");
    await eventually("one pane", async () => (await panes().count()) === 1);
    await again.click();
    await connected(page);
    await ready("in-its-place");
  });

  test("one key connects every pane that is not connected", async () => {
    for (const name of ["few-1", "web-1"]) {
      await page.locator(".tab").filter({ hasText: name }).locator(".tab-name").click();
      await inTerminal();
      await lose();
    }
    await page.keyboard.press("Control+Alt+Shift+Enter");
    await allConnected();
    await eventually("both sessions", async () => (await screens.call("sessions_list")).every(({ state }) => state === "open"));
    assert.equal((await screens.call("sessions_list")).length, 2);
    await ready("all");
    // One alone has its own key, and a pane that is connected stays as it is.
    await page.keyboard.press("Control+Shift+Enter");
    await ready("as-it-was");
    await lose();
    await page.keyboard.press("Control+Shift+Enter");
    await allConnected();
    await ready("alone-again");
  });

  test("the questions of the shell that is there are answered, also when the one before was let go before its last words came", async () => {
    await connect(page, "web-1");
    await ready("one-more");
    await page.evaluate(() => (window.bytesLateMs = 3000));
    await lose();
    const [{ id }] = (await screens.call("sessions_list")).filter(({ state }) => state === "lost");
    await screens.call("session_close", { id });
    await page.getByRole("button", { name: "Connect again (Enter)" }).or(page.getByRole("button", { name: "Reconnect (Enter)" })).first().click();
    await page.evaluate(() => (window.bytesLateMs = 0));
    await allConnected();
    await ready("let-go");
    await types(page, String.raw`printf '\033[6n'; read -r where; echo answered`);
    await shows(page, /echo answered\n\^\[\[\d+;\d+R/);
    await page.keyboard.press("Enter");
    await shows(page, /^answered$/m);
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});

describe("copying and pasting outside of the terminal", { timeout: 300_000 }, () => {
  let screens, page;

  before(async () => {
    const asks = { name: "pass-1", password: PASSWORD, sshd: ["PasswordAuthentication yes", "AuthenticationMethods password"] };
    screens = await openScreens({ hosts: [{ name: "web-1" }, ...(apart ? [asks] : [])] });
    ({ page } = screens);
    await keepHost(screens, "web-1", screens.hosts["web-1"].port, account);
    if (apart) {
      const { id } = await screens.call("credential_save", { credential: { name: "ask", user: null, kind: "ask", key: null, certificate: null } });
      await keepHost(screens, "pass-1", screens.hosts["pass-1"].port, account, { credential: id });
    }
    await screens.open();
  });
  after(() => screens?.dispose());

  const copy = (text) => page.evaluate((value) => navigator.clipboard.writeText(value), text);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());

  test("a password that is pasted into its question is typed into no shell", { skip: apart ? false : "only root can give a host a password" }, async () => {
    await goTo(page, "Hosts");
    await page.getByRole("button", { name: "Connect to pass-1", exact: true }).click();
    const field = page.getByRole("group", { name: "Question" }).locator("input:not([type=checkbox])");
    await field.focus();
    await copy(`echo lea''ked-${PASSWORD}`);
    await page.keyboard.press("Control+Shift+V");
    await later(PASTED_MS);
    await page.keyboard.press("Control+A");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await connected(page);
    await types(page, "echo let-in-$((40 + 2))");
    assert.doesNotMatch(await shows(page, /^let-in-42$/m), /lea/);
    await types(page, "exit");
  });

  test("the search in the tree pastes for itself", async () => {
    await connect(page, "web-1");
    await types(page, "echo ready-$((1 + 1))");
    await shows(page, "ready-2");
    const field = page.getByLabel("Search the hosts");
    await field.focus();
    await copy("stray-''words");
    await page.keyboard.press("Control+Shift+V");
    await later(PASTED_MS);
    assert.doesNotMatch(await terminalText(page), /stray/);
    await field.fill("web");
    await field.selectText();
    // What is marked in the terminal stays there.
    await page.evaluate(() => window.__luumen.handle().term.selectAll());
    await field.focus();
    await copy("mine");
    await page.keyboard.press("Control+Shift+C");
    await later(PASTED_MS);
    assert.equal(await copied(), "mine");
    await field.fill("");
  });

  test("with nothing else in the keyboard's way the keys are the terminal's", async () => {
    await page.evaluate(() => document.activeElement.blur());
    await copy("echo by-the-''page");
    await page.keyboard.press("Control+Shift+V");
    await shows(page, "echo by-the-''page");
    // On another page no shell is seen, and none is typed into.
    await goTo(page, "Hosts");
    await page.evaluate(() => document.activeElement.blur());
    await copy("unseen-''words");
    await page.keyboard.press("Control+Shift+V");
    await later(PASTED_MS);
    assert.doesNotMatch(await terminalText(page), /unseen/);
  });

  test("the page made no mistake", () => assert.deepEqual(screens.mistakes, []));
});
