// A person at the real window: hosts that are kept, terminals that are read and typed into, questions that are answered.
import { eventually } from "../child.mjs";
import { account } from "../hosts.mjs";
import { newPerson } from "./person.mjs";
import { KEY } from "./webdriver.mjs";

const WITHIN_MS = 30_000;

/** A person with an open window; `env` is what the window sees besides. `dispose` ends everything. */
export async function openDesk({ env = {}, person = newPerson() } = {}) {
  Object.assign(person.env, env);
  try {
    const window = await person.window();
    const desk = new Desk(person, window);
    await desk.call("preferences_set", { preferences: { first_run_done: true } });
    await desk.reload();
    return desk;
  } catch (error) {
    await person.dispose();
    throw error;
  }
}

class Desk {
  constructor(person, window) {
    this.person = person;
    this.window = window;
  }

  dispose() {
    return this.person.dispose();
  }

  /** Asks the workbench, past the screens. */
  call(name, args = {}) {
    return this.window.invoke("call", { name, args });
  }

  async reload() {
    await this.window.run(() => void setTimeout(() => location.reload()));
    await this.window.find("nav[aria-label=Main]", undefined, WITHIN_MS);
  }

  // ---- what is kept ----

  /** Keeps a started host under its name. */
  keepHost({ name, address, port }, settings = {}, forwards = []) {
    const host = { group: null, name, protocol: "ssh", address, tags: [], note: "", settings: { port, user: account, ...settings }, forwards };
    return this.call("host_save", { host });
  }

  /** Keeps a way to sign in, and answers its id. */
  async credential(kind, { secret, ...parts } = {}) {
    const credential = { name: kind, user: null, kind, key: null, certificate: null, ...parts };
    const { id } = await this.call("credential_save", { credential, ...(secret === undefined ? {} : { secret }) });
    return id;
  }

  /** Keeps a key that stays in its file, as a way to sign in. */
  async keyCredential(path, parts = {}) {
    const key = await this.call("key_import", { name: path.split("/").at(-1), path, in_place: true });
    return this.credential("key", { key: key.id, ...parts });
  }

  // ---- connecting ----

  /** Opens a kept host as a person does. What follows is a question, a shell or an error. */
  async connect(name) {
    await (await this.window.find(".rail [data-page=hosts] button")).click();
    await (await this.window.find(`button[aria-label="Connect to ${name}"]`)).click();
  }

  /** Opens a host that asks nothing. */
  async open(name) {
    await this.connect(name);
    await this.prompt();
  }

  /** The session of the tab that was opened last. */
  async session() {
    return (await this.call("sessions_list")).at(-1);
  }

  /** Waits until nothing stands over the terminal and its shell is ready. */
  async prompt() {
    await eventually("an open session", async () => (await this.window.absent(".connect")) && (await this.window.find(".pane .xterm-rows", undefined, 1000)), WITHIN_MS);
    await eventually("a prompt", async () => /[$#]\s*$/.test((await this.shown()).trimEnd() + " "), WITHIN_MS);
  }

  /** Waits for a field of the question with these words. */
  async asked(words) {
    await this.window.find(".question label", words, WITHIN_MS);
    return this.window.find(".question input:not([type=checkbox])");
  }

  /** A question that is asked again is another one: its field may take the place of the old one just now. */
  answer(words, text) {
    return eventually(`the answer to ${words}`, async () => {
      await (await this.asked(words)).type(text + KEY.enter);
      return true;
    }, WITHIN_MS);
  }

  /** Waits for the words of an error over the terminal. */
  problem(words) {
    return this.window.find(".connect [role=alert]", words, WITHIN_MS);
  }

  async press(button) {
    await (await this.window.find("button", button, WITHIN_MS)).click();
  }

  /** Shuts the panel and the tab, whatever its session does. */
  async closeTab() {
    await this.hidePanel();
    const before = await this.tabs();
    await this.window.chord(KEY.control, KEY.shift, "W");
    await eventually("the tab to close", async () => (await this.tabs()) < before);
  }

  tabs() {
    return this.window.run(() => document.querySelectorAll(".tab").length);
  }

  // ---- the terminal ----

  /** What the seen terminal shows, as the plain renderer writes it into the page. */
  shown() {
    return this.window.run(() => Array.from(document.querySelectorAll(".pane .xterm-rows")).find((rows) => rows.checkVisibility())?.innerText ?? "");
  }

  shows(wanted, withinMs = WITHIN_MS) {
    const fits = (text) => (typeof wanted === "string" ? text.includes(wanted) : wanted.test(text));
    return eventually(`the terminal to show ${wanted}`, async () => {
      const text = await this.shown();
      return fits(text) && text;
    }, withinMs);
  }

  async type(text) {
    await (await this.window.find(".pane .xterm-helper-textarea")).type(text);
  }

  /** Runs a line in the shell and answers what it prints between two marks that are not in the line itself. */
  async run(line) {
    const mark = `${Date.now() % 1_000_000}`;
    await this.type(`echo "<"${mark}; ${line}; echo ${mark}">"\n`);
    const text = await this.shows(new RegExp(`<${mark}\\n([^]*)${mark}>`));
    return new RegExp(`<${mark}\\n([^]*?)\\s*${mark}>`).exec(text)[1].trim();
  }

  /** How often a text stands in everything that the terminal has kept. */
  async inScrollback(text) {
    await this.window.chord(KEY.control, KEY.shift, "F");
    const field = await this.window.find("[aria-label='Search in the terminal']");
    await field.fill(text);
    const said = await eventually("the search", async () => {
      const words = await this.window.run(() => document.querySelector(".search-count")?.textContent ?? "");
      return words !== "" && words;
    });
    await field.type(KEY.escape);
    return Number(/of (\d+)/.exec(said)?.[1] ?? 0);
  }

  // ---- the panel beside it ----

  async panel(tab) {
    if (await this.window.absent(".side")) await this.window.chord(KEY.control, KEY.shift, "I");
    await (await this.window.find(".side [role=tab]", tab)).click();
  }

  async hidePanel() {
    if (await this.window.absent(".side")) return;
    await (await this.window.find(".side button[aria-label='Hide the panel']")).click();
    await eventually("the panel to go", () => this.window.absent(".side"));
  }
}
