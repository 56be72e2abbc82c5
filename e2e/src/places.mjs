// Where things are: the executables, the browser, and where pictures go.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const top = fileURLToPath(new URL("../..", import.meta.url));
export const out = fileURLToPath(new URL("../out", import.meta.url));
export const images = join(top, "docs", "images");

/** A program of this repository: from the environment, or where cargo puts it. */
export function built(name) {
  const variable = name.toUpperCase().replaceAll("-", "_");
  const path = process.env[variable] ?? join(process.env.CARGO_TARGET_DIR ?? join(top, "target"), "debug", name);
  if (!existsSync(path)) throw new Error(`${path} is not there: build it with \`cargo build --workspace --bins\`, or set ${variable}`);
  return path;
}

/** Where scripts/setup.sh keeps the tools that the system has no package of. */
const tools = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "luumen", "tools", "bin");

/** A program of the system, also where only administrators have their path. */
export function program(name) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin", "/sbin", tools];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (!found) throw new Error(`${name} is not installed`);
  return found;
}

export function browserPath() {
  const names = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];
  if (process.env.CHROME) return process.env.CHROME;
  for (const name of names) {
    try {
      return program(name);
    } catch {
      // The next name may be there.
    }
  }
  throw new Error("no Chromium or Chrome is installed; set CHROME=/path/to/chrome");
}
