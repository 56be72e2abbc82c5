// A small client of tauri-driver, which starts the window and drives its web view by WebKitWebDriver. It speaks the W3C's protocol and
// knows only what the tests need.
import { descendants, endAll, eventually, freePort, start } from "../child.mjs";
import { program } from "../places.mjs";

export { descendants };

/** Starts a window under a driver of its own. `binary` gets `args`; `env` is what both see. */
export async function openWindow({ binary, args = [], env = {} }) {
  const [port, native] = [await freePort(), await freePort()];
  const ports = ["--port", String(port), "--native-port", String(native), "--native-driver", program("WebKitWebDriver")];
  const driver = start(program("tauri-driver"), ports, { env: { ...process.env, ...env } });
  try {
    const base = `http://127.0.0.1:${port}`;
    await eventually("tauri-driver", async () => (await send(base, "GET", "/status")).ready);
    const began = Date.now();
    const { sessionId } = await send(base, "POST", "/session", {
      capabilities: { alwaysMatch: { "tauri:options": { application: binary, args } } },
    });
    return new Window(`${base}/session/${sessionId}`, driver, Date.now() - began);
  } catch (error) {
    await driver.stop();
    throw new Error(`the window did not start: ${driver.said.text}`, { cause: error });
  }
}

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** Keys that are no characters, as the protocol names them. */
export const KEY = { enter: "\uE007", escape: "\uE00C", tab: "\uE004", shift: "\uE008", control: "\uE009", alt: "\uE00A" };

class Window {
  constructor(session, driver, startedInMs) {
    this.session = session;
    this.driver = driver;
    /** From asking the driver to a web view that can be asked. */
    this.startedInMs = startedInMs;
  }

  /** Runs a function in the page and answers what it returns; it may be asynchronous. */
  async run(work, ...args) {
    const script = `
      const done = arguments[arguments.length - 1];
      Promise.resolve().then(() => (${work})(...Array.from(arguments).slice(0, -1)))
        .then((answer) => done({ answer }), (error) => done({ failed: error?.stack ? String(error) : JSON.stringify(error) }));`;
    const { answer, failed } = await this.ask("POST", "/execute/async", { script, args });
    if (failed !== undefined) throw new Error(`the page said: ${failed}`);
    return answer;
  }

  /** Asks the program itself, as the screens do. */
  invoke(command, args = {}) {
    return this.run((command, args) => window.__TAURI_INTERNALS__.invoke(command, args), command, args);
  }

  /** The first element that is seen and whose selector fits, and whose text, if one is given. */
  find(selector, text, withinMs) {
    return eventually(
      text === undefined ? selector : `${selector} with ${JSON.stringify(String(text))}`,
      async () => {
        const found = await this.ask("POST", "/execute/sync", { script: `return (${seen})(...arguments)`, args: [selector, text ?? null] });
        return found && new Element(this, found[ELEMENT]);
      },
      withinMs,
    );
  }

  /** Whether nothing that is seen fits a selector. */
  async absent(selector) {
    return (await this.ask("POST", "/execute/sync", { script: `return (${seen})(...arguments)`, args: [selector, null] })) === null;
  }

  /** Presses keys together, the last one while the others are held. */
  async chord(...keys) {
    const actions = [
      ...keys.map((value) => ({ type: "keyDown", value })),
      ...keys.toReversed().map((value) => ({ type: "keyUp", value })),
    ];
    await this.ask("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  resize(width, height) {
    return this.ask("POST", "/window/rect", { width, height });
  }

  async screenshot() {
    return Buffer.from(await this.ask("GET", "/screenshot"), "base64");
  }

  /** Ends the window and its driver, whatever they are doing. */
  async close() {
    if (this.driver.ended) return;
    const begun = descendants(this.driver.pid);
    await send(this.session, "DELETE", "", undefined, 5000).catch(() => {});
    await this.driver.stop();
    // A window whose driver could not end it would keep its data folder.
    await endAll(begun, "the window's processes");
  }

  get said() {
    return this.driver.said.text;
  }

  ask(method, path, body) {
    return send(this.session, method, path, body);
  }
}

// Longer than a notification stays.
const COVERED_MS = 15_000;

class Element {
  constructor(window, id) {
    this.window = window;
    this.path = `/element/${id}`;
  }

  /** Clicks, and waits like a person does while a dialog or a notification that is just going lies over the element. */
  async click() {
    const until = Date.now() + COVERED_MS;
    for (;;) {
      try {
        return await this.window.ask("POST", `${this.path}/click`, {});
      } catch (error) {
        if (!error.message.includes("element click intercepted") || Date.now() > until) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Types characters, one after the other. */
  type(text) {
    return this.window.ask("POST", `${this.path}/value`, { text });
  }

  async fill(text) {
    await this.window.ask("POST", `${this.path}/clear`, {});
    await this.type(text);
  }

  /** What stands in a field. */
  value() {
    return this.window.ask("GET", `${this.path}/property/value`);
  }

  text() {
    return this.window.ask("GET", `${this.path}/text`);
  }
}

// Runs in the page.
function seen(selector, text) {
  const fits = (element) =>
    element.checkVisibility() && (text === null || element.textContent.includes(text) || element.getAttribute("aria-label")?.includes(text));
  return Array.from(document.querySelectorAll(selector)).find(fits) ?? null;
}

async function send(base, method, path, body, withinMs = 30_000) {
  const response = await fetch(base + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    signal: AbortSignal.timeout(withinMs),
  });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${value?.error}: ${value?.message}`);
  return value;
}
