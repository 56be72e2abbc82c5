// The window itself: how soon it is usable, what it keeps in memory, and how to get a shell in it.
import { readFileSync } from "node:fs";

import { eventually } from "../../e2e/src/child.mjs";
import { descendants } from "../../e2e/src/desktop/webdriver.mjs";

/** A window with one shell that waits for commands. */
export async function connected(stage, tabs = 1) {
  const { person, place } = stage;
  person.startAnew();
  const window = await person.window();
  await window.invoke("call", { name: "preferences_set", args: { preferences: { first_run_done: true } } });
  await window.run(() => void location.reload());
  await eventually("the desk", () => window.run(() => window.__luumen !== undefined));
  for (let tab = 1; tab <= tabs; tab += 1) {
    await window.run((quick) => window.__luumen.connect(quick), place);
    await typed(window, `PS1='ready$ '; clear; echo TAB-${tab}-''OPEN\r`);
    await waitForText(window, `TAB-${tab}-OPEN`, 30_000);
  }
  return window;
}

/** Types into the shell that has the keyboard. Keys before it is there wait for it. */
export async function typed(window, text) {
  await eventually("a terminal", () => window.run(() => window.__luumen.handle() !== undefined));
  await window.run((text) => window.__luumen.handle().term.input(text), text);
}

export function waitForText(window, text, withinMs) {
  return eventually(`the terminal to show ${text}`, () => window.run((text) => window.__luumen.text().includes(text), text), withinMs);
}

/** The open session of the last tab. */
export async function sessionOf(window) {
  const sessions = await window.invoke("call", { name: "sessions_list", args: {} });
  return sessions.findLast(({ state }) => state === "open").id;
}

/** From the start of the process until the screens stand: an upper limit, the driver's own steps are in it. */
export async function starts({ person, rounds }) {
  const times = [];
  for (let round = 0; round < rounds + 1; round += 1) {
    const window = await person.window();
    await window.find("main", undefined, 20_000);
    const now = await window.run(() => Date.now());
    times.push(now - startOf(appOf(person.data)));
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
      { what: `memory with ${tabs} tabs (PSS of ${all.length} processes)`, value: sum(all.map((one) => megabytes(one, "Pss"))), unit: "MB" },
      { what: `  of it the app itself (RSS)`, value: megabytes(app, "Rss"), unit: "MB" },
    );
    await window.close();
  }
  return figures;
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

/** The process that was started with this data folder. */
function appOf(data) {
  const app = descendants(process.pid).find(({ pid }) => {
    const args = contents(pid, "cmdline").split("\0");
    return args[0].endsWith("luumen-desktop") && args.includes(data);
  });
  if (!app) throw new Error("the window's process is not there");
  return app;
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
