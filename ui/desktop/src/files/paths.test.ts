import type { contract } from "@luumen/backend";
import { describe, expect, test } from "vitest";

import { crumbs, joined, modeWords, namesWords, parentOf, readMode, shownEntries, sortEntries } from "./paths";

test.each([
  ["/var/log/syslog", "/var/log"],
  ["/var/", "/"],
  ["/", "/"],
  ["C:\\Users\\ada", "C:\\Users"],
  ["C:\\", "C:\\"],
])("above %s is %s", (path, parent) => {
  expect(parentOf(path)).toBe(parent);
});

test("a name is put into a folder with one slash", () => {
  expect(joined("/", "etc")).toBe("/etc");
  expect(joined("/etc", "ssh")).toBe("/etc/ssh");
  expect(joined("C:\\Users", "ada")).toBe("C:\\Users\\ada");
});

test("each folder on the way has its own path", () => {
  expect(crumbs("/var/log").map(({ path }) => path)).toEqual(["/", "/var", "/var/log"]);
  expect(crumbs("C:\\Users\\ada").map(({ path }) => path)).toEqual(["C:\\", "C:\\Users", "C:\\Users\\ada"]);
});

describe("modes", () => {
  test.each([
    [0o644, "rw-r--r--"],
    [0o4755, "rwsr-xr-x"],
    [0o2770, "rwxrws---"],
    [0o1777, "rwxrwxrwt"],
    [0o4644, "rwSr--r--"],
    [0, "---------"],
  ])("%o is %s, and back", (mode, words) => {
    expect(modeWords(mode)).toBe(words);
    expect(readMode(words)).toBe(mode);
    expect(readMode(mode.toString(8).padStart(3, "0"))).toBe(mode);
  });
  test.each(["", "888", "rwx", "12345", "u+x"])("%j is none", (text) => {
    expect(readMode(text)).toBeNull();
  });
});

const entry = (name: string, kind: contract.Entry["kind"], size_bytes = 0): contract.Entry => ({
  name,
  path: `/${name}`,
  kind,
  size_bytes,
  modified_at: null,
  mode: null,
  owner: null,
  group: null,
  link_to: null,
  link_broken: false,
  link_directory: false,
});
const ENTRIES = [entry("file-10", "file", 1), entry("file-9", "file", 9), entry(".profile", "file"), entry("etc", "directory")];

test("folders come first, and numbers in the order of their value", () => {
  expect(sortEntries(ENTRIES, "name", false).map(({ name }) => name)).toEqual(["etc", ".profile", "file-9", "file-10"]);
  expect(sortEntries(ENTRIES, "size", true).map(({ name }) => name)).toEqual(["etc", "file-9", "file-10", ".profile"]);
});

test("hidden files are shown when they are asked for", () => {
  expect(shownEntries(ENTRIES, false, "").map(({ name }) => name)).not.toContain(".profile");
  expect(shownEntries(ENTRIES, true, "PRO").map(({ name }) => name)).toEqual([".profile"]);
});

test.each([
  [1, "file-1"],
  [5, "file-1, file-2, file-3, file-4, file-5"],
  [7, "file-1, file-2, file-3, file-4, file-5 and 2 more"],
])("%i names are said", (count, words) => {
  expect(namesWords(Array.from({ length: count }, (_, at) => ({ name: `file-${at + 1}` })))).toBe(words);
});
