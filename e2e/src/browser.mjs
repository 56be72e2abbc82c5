// The browser, and the few things every test does with a page.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

import { browserPath, out } from "./places.mjs";
import { smallPng } from "./small-png.mjs";

export const THEMES = ["light", "dark"];

export function openBrowser() {
  return chromium.launch({
    executablePath: browserPath(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}

/** A page, and the mistakes that happened on it. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true, ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const mistakes = [];
  page.on("pageerror", (error) => mistakes.push(error.message));
  page.on("console", (message) => {
    // The browser itself reports every answer that is not a success; those are what some tests are about.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) mistakes.push(message.text());
  });
  return { page, context, mistakes };
}

/** Fills in the form of the first account, and waits for the first page behind it. */
export async function signUp(page, email) {
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill("correct horse battery");
  await page.getByLabel("Workspace").fill("Production");
  await page.getByRole("button", { name: "Set up" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
}

/** Chooses light or dark as a person's system would. */
export function setTheme(page, theme) {
  return page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
}

/** Waits until nothing on the page is loading any more. */
export async function settled(page) {
  await page.waitForLoadState("networkidle");
  // Several parts may load at once, so this counts them rather than waiting for one.
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
}

/** What axe finds wrong with the page, in lines. */
export async function faults(page) {
  return inLines(await new AxeBuilder({ page }).analyze());
}

/** The same for what colours alone decide: enough in the second theme of a page that was looked at whole. */
export async function colourFaults(page) {
  return inLines(await new AxeBuilder({ page }).withRules(["color-contrast", "link-in-text-block"]).analyze());
}

function inLines({ violations }) {
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.slice(0, 3).map(({ target, failureSummary }) => `${id}: ${help} at ${target.join(" ")} (${failureSummary?.split("\n")[1]?.trim()})`),
  );
}

/** Takes a picture into `e2e/out`, or into another folder. */
export async function picture(page, name, folder = out) {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
}

/** The same for a page that people read: with a palette, a third of the size. */
export async function smallPicture(page, name, folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.png`), smallPng(await page.screenshot({ animations: "disabled" })));
}
