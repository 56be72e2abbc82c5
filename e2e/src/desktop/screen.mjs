// The desktop's screens in a browser, over the loopback server: what every test of them does.
import assert from "node:assert/strict";
import { chmodSync } from "node:fs";

import { faults, openBrowser, openPage, picture, setTheme, THEMES } from "../browser.mjs";
import { eventually } from "../child.mjs";
import { newPerson } from "./person.mjs";
import { NOTHING_SET } from "./settings.mjs";

export { NOTHING_SET };

/** A person with the screens in front; `env` is what the workbench sees besides. `dispose` ends everything. */
export async function openScreens({ hosts = [], firstRun = false, env = {} } = {}) {
  const person = newPerson();
  Object.assign(person.env, env);
  // A host's account may be another one, and its sshd reads the keys as that.
  chmodSync(person.folder, 0o755);
  const started = {};
  for (const { name, ...options } of hosts) started[name] = await person.host(name, options);
  const server = await person.workbench();
  const browser = await openBrowser();
  const { page, context, mistakes } = await openPage(browser);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const screens = {
    person,
    page,
    context,
    mistakes,
    server,
    hosts: started,
    /** Asks the workbench, past the screens. */
    call: (name, args = {}) => call(server, name, args),
    async open() {
      await page.goto("about:blank");
      await page.goto(server.url);
      await page.locator(".frame, .first-run").waitFor();
    },
    async dispose() {
      await browser.close();
      await person.dispose();
    },
  };
  if (!firstRun) await screens.call("preferences_set", { preferences: { first_run_done: true } });
  await screens.open();
  return screens;
}

async function call({ url, token }, name, args) {
  const response = await fetch(new URL(`/call/${name}`, url), {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(args),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${name}: ${answer.title}: ${answer.detail} (${answer.code})`);
  return answer;
}

/** Keeps a started host with a key of the person, past the screens. */
export async function keepHost({ call, person }, name, port, user, settings = {}) {
  const keys = await call("keys_list");
  const key = keys[0] ?? (await call("key_import", { name: "laptop", path: person.key, in_place: true }));
  const credentials = await call("credentials_list");
  const credential =
    credentials[0] ?? (await call("credential_save", { credential: { name: "laptop", user: null, kind: "key", key: key.id, certificate: null } }));
  const host = {
    group: null,
    name,
    protocol: "ssh",
    address: "127.0.0.1",
    tags: [],
    note: "",
    settings: { port, user, credential: credential.id, ...settings },
    forwards: [],
  };
  return call("host_save", { host });
}

/** The text of the terminal with the keyboard. */
export const terminalText = (page) => page.evaluate(() => window.__luumen.text());

/** Waits until the terminal with the keyboard shows a text, and answers all that it shows. */
export async function shows(page, wanted, withinMs = 20_000) {
  let text = "";
  const look = async () => {
    text = await terminalText(page);
    return (typeof wanted === "string" ? text.includes(wanted) : wanted.test(text)) && text;
  };
  try {
    return await eventually(`the terminal to show ${wanted}`, look, withinMs);
  } catch (error) {
    throw new Error(`${error.message}; it shows: ${JSON.stringify(text.trimEnd().slice(-600))}`, { cause: error });
  }
}

/** Types a line as a person does. */
export async function types(page, line) {
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
}

/** Goes to a page of the rail. */
export async function goTo(page, name) {
  // Where something waits, the button says how much of it, too.
  await page.getByRole("navigation", { name: "Main" }).getByRole("button", { name: new RegExp(`^${name}(: .*)?$`) }).click();
  await page.mouse.move(640, 790);
}

/** Opens a host by its button and waits for its prompt. */
export async function connect(page, name) {
  await goTo(page, "Hosts");
  await page.getByRole("button", { name: `Connect to ${name}`, exact: true }).click();
  await connected(page);
}

export async function connected(page) {
  const card = page.locator(".connect");
  await card.waitFor({ state: "detached", timeout: 30_000 }).catch(async (error) => {
    throw new Error(`it is not connected: ${await card.innerText()}`, { cause: error });
  });
  await page.locator(".xterm-helper-textarea").first().waitFor();
  // The terminal takes the keyboard a moment later, when its shell is open; letters that are typed before go nowhere.
  await page.waitForFunction(() => document.activeElement?.classList.contains("xterm-helper-textarea"));
}

/** Texts that are cut off and do not say the whole under the pointer. */
function cutTexts(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll("body *")]
      .filter((element) => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).textOverflow === "ellipsis")
      .filter((element) => element.tagName !== "INPUT" && element.textContent.trim() !== "" && !element.closest("[title]"))
      .filter((element) => ![...element.querySelectorAll("[title]")].some(({ title }) => title.includes(element.textContent.trim())))
      .map((element) => `${element.className}: ${element.textContent.slice(0, 60)}`),
  );
}

/** No text is cut off unseen, axe finds nothing in both themes, and a picture of each is kept. */
export async function clean(page, name) {
  assert.deepEqual(await cutTexts(page), [], `${name}: cut off without a title`);
  for (const theme of THEMES) {
    await setTheme(page, theme);
    await page.waitForFunction((wanted) => document.documentElement.dataset.mantineColorScheme === wanted, theme);
    assert.deepEqual(await faults(page), [], `${name}, ${theme}`);
    await picture(page, `desktop-${name}-${theme}`);
  }
}
