import { expect, test } from "vitest";

import { findPackages, noPackagesWords, sortPackages, type InstalledPackage } from "./packages";

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

test("that there is no package is said only where all was read", () => {
  expect(noPackagesWords("", true).title).toBe("There is no package on this host");
  expect(noPackagesWords("", false).title).toBe("No package could be listed");
  expect(noPackagesWords("nginx", false).title).toBe("No package matches “nginx”");
});

test("what is not known sorts last either way", () => {
  expect(names(sortPackages(packages, { column: "size_bytes", descending: false }))).toEqual(["zlib1g", "libssl3", "bash"]);
  expect(names(sortPackages(packages, { column: "size_bytes", descending: true }))).toEqual(["libssl3", "zlib1g", "bash"]);
});
