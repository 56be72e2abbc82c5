// The kit knows nobody: a wall that a test keeps.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const here = new URL(".", import.meta.url).pathname;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

test.each(sources(here))("%s imports no feature, no client and no desktop", (path) => {
  const imports = [...readFileSync(path, "utf8").matchAll(/(?:from|import)\s*\(?"([^"]+)"/g)].map((match) => match[1]);
  const forbidden = imports.filter((name) => /^@luumen\/|^@tauri-apps\//.test(name ?? ""));
  expect(forbidden).toEqual([]);
});
