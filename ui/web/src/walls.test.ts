// The desktop's bridge stays outside of everything that a browser loads.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ui = new URL("../..", import.meta.url).pathname;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

const importsOf = (path: string) =>
  [...readFileSync(path, "utf8").matchAll(/(?:from|import)\s*\(?"([^"]+)"/g)].map((match) => match[1] ?? "");

test.each(["kit", "api-client", "features", "web", "desktop"])("%s never imports the desktop's bridge", (part) => {
  const offenders = sources(join(ui, part, "src")).filter((path) =>
    importsOf(path).some((name) => name.startsWith("@tauri-apps/")),
  );
  expect(offenders).toEqual([]);
});

test("features know no route, and the client knows no feature", () => {
  const known = (part: string) => sources(join(ui, part, "src")).flatMap(importsOf);
  expect(known("features").filter((name) => /^@luumen\/web|react-router/.test(name))).toEqual([]);
  expect(known("api-client").filter((name) => name.startsWith("@luumen/"))).toEqual([]);
});
