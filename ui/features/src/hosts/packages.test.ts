import { expect, test } from "vitest";

import { findPackages, noPackagesWords, packageCountWords, sortPackages, type InstalledPackage } from "./packages";

const packages: InstalledPackage[] = [
  { manager: "dpkg", name: "libssl3", version: "3.0.15-1", source: "openssl", size_bytes: 10 },
  { manager: "dpkg", name: "zlib1g", version: "1:1.2.13", size_bytes: 9 },
  { manager: "dpkg", name: "bash", version: "5.2.15-2+b7" },
];
const names = (list: InstalledPackage[]) => list.map(({ name }) => name);

test("a search finds names, sources and versions", () => {
  expect(names(findPackages(packages, "openssl"))).toEqual(["libssl3"]);
  expect(names(findPackages(packages, "1.2"))).toEqual(["zlib1g"]);
  expect(names(findPackages(packages, "ssl 3.0"))).toEqual(["libssl3"]);
  expect(findPackages(packages, " ")).toHaveLength(3);
});

test("what was removed is counted apart, as everywhere else", () => {
  const removed = { manager: "dpkg", name: "nginx", version: "1.22", status: "config-files" };
  expect(packageCountWords(packages)).toBe("3 packages");
  expect(packageCountWords([...packages, removed])).toBe("3 packages · 1 removed, settings left");
  expect(packageCountWords(packages.slice(0, 1), [...packages, removed])).toBe("1 package of 3");
  expect(packageCountWords([removed], [...packages, removed])).toBe("0 packages of 3 · 1 removed, settings left");
  expect(packageCountWords([{ ...removed, status: "held" }])).toBe("1 package");
});

test("that there is no package is said only where all was read", () => {
  expect(noPackagesWords("", true).title).toBe("There is no package on this host");
  expect(noPackagesWords("", false).title).toBe("No package could be listed");
  expect(noPackagesWords("nginx", false).title).toBe("No package matches “nginx”");
});

test("what is not known sorts last either way", () => {
  expect(names(sortPackages(packages, { column: "size_bytes", descending: false }))).toEqual(["zlib1g", "libssl3", "bash"]);
  expect(names(sortPackages(packages, { column: "size_bytes", descending: true }))).toEqual(["libssl3", "zlib1g", "bash"]);
});
