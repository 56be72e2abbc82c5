import type { PackageChange, PropertyChange, SnapshotDiff } from "@luumen/api-client";
import { describe, expect, test } from "vitest";

import { diffWords, groupPackages, groupProperties, localPath, valuesWords } from "./diff";

const change = (name: string, from?: string, to?: string): PackageChange => ({
  manager: "dpkg",
  name,
  from_version: from,
  to_version: to,
});
const fact = (section: PropertyChange["section"], path: string): PropertyChange => ({ section, path, from: [], to: [] });

describe("a diff", () => {
  test("packages are updated, installed or removed", () => {
    const groups = groupPackages([change("a", "1", "2"), change("b", undefined, "1"), change("c", "1")]);
    expect(groups.changed.map(({ name }) => name)).toEqual(["a"]);
    expect(groups.installed.map(({ name }) => name)).toEqual(["b"]);
    expect(groups.removed.map(({ name }) => name)).toEqual(["c"]);
  });

  test("facts are grouped by section in reading order, vitals last", () => {
    const groups = groupProperties([fact("vitals", "vitals.x"), fact("sshd", "sshd.a"), fact("os", "os.name"), fact("sshd", "sshd.b")]);
    expect(groups.map(({ section, changes }) => [section, changes.length])).toEqual([["os", 1], ["sshd", 2], ["vitals", 1]]);
  });

  test("a path is shown without its section", () => {
    expect(localPath(fact("sshd", "sshd.settings.port"))).toBe("settings.port");
  });

  test("a fact that is not there is nothing, not an empty text", () => {
    expect(valuesWords([])).toBeNull();
    expect(valuesWords([{ path: "a", value: "x" }, { path: "a", value: 2 }])).toBe("x, 2");
  });

  test("one sentence tells the whole", () => {
    const diff = { packages: [change("a", "1", "2")], properties: [fact("sshd", "sshd.a"), fact("vitals", "vitals.x")] } as SnapshotDiff;
    expect(diffWords(diff)).toBe("Packages: 1 updated. 1 other fact differs.");
    expect(diffWords({ packages: [], properties: [] } as unknown as SnapshotDiff)).toBe("No package changed. No other fact changed.");
  });
});
