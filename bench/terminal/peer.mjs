// What the same screens need in Chromium, which is the engine that Electron carries. It is no Electron: README says why.
import { join } from "node:path";

import { chromium } from "playwright-core";

import { descendants } from "../../e2e/src/desktop/webdriver.mjs";
import { browserPath } from "../../e2e/src/places.mjs";
import { openTabs, ours, pss } from "./window.mjs";

/** A window of Chromium without its own bars, and the tests' loopback server in the place of the app. */
export async function peer(stage) {
  const figures = [];
  for (const tabs of [1, 10]) figures.push(...(await withTabs(stage, tabs)));
  return figures;
}

async function withTabs({ person, place, folder }, tabs) {
  person.startAnew();
  const server = await person.workbench();
  const context = await chromium.launchPersistentContext(join(folder, `chromium-${tabs}`), {
    executablePath: browserPath(),
    headless: false,
    viewport: null,
    args: ["--no-sandbox", "--no-first-run", "--disable-background-networking", "--window-size=1280,800", `--app=${server.url}`],
  });
  try {
    const page = context.pages()[0];
    const window = { run: (work, ...args) => page.evaluate(`(${work})(...${JSON.stringify(args)})`) };
    await call(server, "preferences_set", { preferences: { first_run_done: true } });
    await page.goto("about:blank");
    await page.goto(server.url);
    await openTabs(window, place, tabs);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    // Chromium may have written its arguments anew, as one.
    const engine = ours((args) => /chrom/.test(args[0]) && /--app=/.test(args.join(" ")) && !/--type=/.test(args.join(" ")));
    const app = ours((args) => args[0].endsWith("luumen-workbench-server"));
    const all = [engine, ...descendants(engine.pid)];
    return [{ what: `memory, ${tabs} tabs, Chromium (PSS of ${all.length + 1})`, value: pss([...all, app]), unit: "MB" }];
  } finally {
    await context.close();
    await server.stop();
  }
}

async function call({ url, token }, name, args) {
  const response = await fetch(new URL(`/call/${name}`, url), {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(args),
  });
  if (!response.ok) throw new Error(`${name}: ${await response.text()}`);
}
