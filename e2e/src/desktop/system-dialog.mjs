// The system's dialogs, which the page can neither see nor answer: found and answered as a person does, by the keyboard.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

import { eventually } from "../child.mjs";

const xdotool = (...args) => spawnSync("xdotool", args, { encoding: "utf8" });

/** Why no dialog can be answered here; false if they can. */
export const noDialogs = xdotool("version").status === 0 ? false : "xdotool is not installed";

/** The system's windows with this title, as a person sees them. */
export const dialogs = (title) => xdotool("search", "--onlyvisible", "--name", title).stdout.split("\n").filter(Boolean);

/** Waits for the dialog with this title. */
export async function dialog(title) {
  const [shown] = await eventually(`the dialog “${title}”`, () => dialogs(title).length > 0 && dialogs(title));
  return shown;
}

/** Without a manager of windows nobody gives a dialog the keyboard. */
export function presses(dialog, ...keys) {
  const done = xdotool("windowfocus", "--sync", dialog, "key", "--clearmodifiers", ...keys);
  assert.equal(done.status, 0, done.stderr);
}
