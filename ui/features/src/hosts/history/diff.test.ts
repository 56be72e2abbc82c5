import type { PackageChange, PropertyChange, SnapshotDiff, SnapshotSummary } from "@luumen/api-client";
import { describe, expect, test } from "vitest";

import { diffWords, groupPackages, groupProperties, localPath, notKnownWords, valuesWords } from "./diff";

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
    const diff = { packages: [change("a", "1", "2")], properties: [fact("sshd", "sshd.a"), fact("vitals", "vitals.x")], not_comparable: [] } as unknown as SnapshotDiff;
    expect(diffWords(diff)).toBe("Packages: 1 updated. 1 other fact differs.");
    const none = (not_comparable: string[]) => diffWords({ packages: [], properties: [], not_comparable } as unknown as SnapshotDiff);
    expect(none([])).toBe("No package changed. No other fact changed.");
    expect(none(["packages"])).toBe("Nothing can be said about packages. No other fact changed.");
    expect(none(["sshd"])).toBe("No package changed. No other fact that both could read changed.");
  });

  test("a visit that could not read all says so, packages first", () => {
    const words = (section_status: SnapshotSummary["section_status"]) => notKnownWords({ section_status });
    expect(words({ os: "ok", packages: "unsupported" })).toBeNull();
    expect(words({ os: "ok", packages: "timeout" })).toBe("not known of Packages");
    expect(words({ sudo_policy: "denied", packages: "partial", timers: "denied" })).toBe("not known of Packages and 2 others");
  });
});
