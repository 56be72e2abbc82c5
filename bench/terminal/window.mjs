// The window itself: how soon it is usable, what it keeps in memory, and how to get a shell in it.
import { readFileSync } from "node:fs";

import { eventually } from "../../e2e/src/child.mjs";
import { descendants } from "../../e2e/src/desktop/webdriver.mjs";

/** What a shell that waits for commands shows. */
export const PROMPT = "ready$";

/** A window with one shell that waits for commands. */
export async function connected(stage, tabs = 1) {
  const { person, place } = stage;
  person.startAnew();
  const window = await person.window();
  await window.invoke("call", { name: "preferences_set", args: { preferences: { first_run_done: true } } });
  await window.run(() => void location.reload());
  await openTabs(window, place, tabs);
  return window;
}

/** Opens tabs, each with a shell of its own, in whatever shows the screens. */
export async function openTabs(window, place, tabs) {
  await eventually("the desk", () => window.run(() => window.__luumen !== undefined));
  for (let tab = 1; tab <= tabs; tab += 1) {
    await window.run((quick) => window.__luumen.connect(quick), place);
    await typed(window, `PS1='${PROMPT} '; clear; echo TAB-${tab}-''OPEN\r`);
    await waitForText(window, `TAB-${tab}-OPEN`, 30_000);
  }
}

/** Types into the shell that has the keyboard. Keys before it is there wait for it. */
export async function typed(window, text) {
  await eventually("a terminal", () => window.run(() => window.__luumen.handle() !== undefined));
  await window.run((text) => window.__luumen.handle().term.input(text), text);
}

export function waitForText(window, text, withinMs) {
  return eventually(`the terminal to show ${text}`, () => window.run((text) => window.__luumen.text().includes(text), text), withinMs);
}

/** Runs something in the page that may take longer than the driver waits for an answer. */
export async function runLong(window, work, ...args) {
  await window.run(
    `(...args) => {
      window.__result = undefined;
      Promise.resolve((${work})(...args)).then((answer) => (window.__result = { answer }), (error) => (window.__result = { failed: String(error) }));
    }`,
    ...args,
  );
  const { answer, failed } = await eventually("the page", () => window.run(() => window.__result), 300_000);
  if (failed !== undefined) throw new Error(failed);
  return answer;
}

/** The open session of the last tab. */
export async function sessionOf(window) {
  const sessions = await window.invoke("call", { name: "sessions_list", args: {} });
  return sessions.findLast(({ state }) => state === "open").id;
}

/** From the start of the process until the screens stand. The driver that watches is in it. */
export async function starts({ person, rounds }) {
  const times = [];
  for (let round = 0; round < rounds + 1; round += 1) {
    const window = await person.window();
    const drawn = await eventually("the screens", () => window.run(() => window.__luumen?.drawnAt), 20_000);
    times.push(drawn - startOf(appOf(person.data)));
    await window.close();
  }
  // The first start reads everything from the disk.
  return [
    { what: "start to usable, first", value: times[0], unit: "ms" },
    { what: "start to usable, after that", value: times.slice(1), unit: "ms", wanted: "≤ 1000" },
  ];
}

/** Memory of the app and of the processes of its web view; shared pages are counted once, in parts. */
export async function memory(stage) {
  const figures = [];
  for (const tabs of [1, 10]) {
    const window = await connected(stage, tabs);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const app = appOf(stage.person.data);
    const all = [app, ...descendants(app.pid)];
    figures.push(
      { what: `memory, ${tabs} tabs (PSS of ${all.length} processes)`, value: pss(all), unit: "MB" },
      { what: "  of it the app itself", value: pss([app]), unit: "MB" },
    );
    await window.close();
  }
  return figures;
}

/** Memory of processes, in MB. */
export function pss(processes) {
  return processes.reduce((total, one) => total + megabytes(one, "Pss"), 0);
}

/** The process that was started with this data folder. */
function appOf(data) {
  return ours((args) => args[0].endsWith("luumen-desktop") && args.includes(data));
}

/** The first process below this one whose arguments fit. */
export function ours(fits) {
  const found = descendants(process.pid).find(({ pid }) => fits(contents(pid, "cmdline").split("\0")));
  if (!found) throw new Error("the process is not there");
  return found;
}

function contents(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It has ended while we looked.
    return "";
  }
}

/** When a process began, in milliseconds since 1970. The kernel counts hundredths of a second since it booted. */
function startOf({ began }) {
  const booted = Date.now() - Number(contents("", "uptime").split(" ")[0]) * 1000;
  return booted + Number(began) * 10;
}

function megabytes({ pid }, field) {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(contents(pid, "smaps_rollup"))?.[1] ?? 0) / 1024;
}
