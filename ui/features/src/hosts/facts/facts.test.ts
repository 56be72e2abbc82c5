import { describe, expect, test } from "vitest";

import { shapeOf } from "./shape";
import { nameWords, valueWords } from "./words";

describe("the shape of a section", () => {
  test("facts, lists, tables and maps are told apart", () => {
    const shape = shapeOf({
      version: "OpenSSH_9.2",
      settings: { permitrootlogin: ["no"], port: ["22"] },
      match_blocks: ["User backup"],
      host_keys: [{ kind: "ssh-ed25519" }, { kind: "ssh-rsa", path: "/etc/ssh/rsa.pub" }],
    });
    expect(shape.facts).toEqual([{ key: "version", value: "OpenSSH_9.2" }]);
    expect(shape.maps).toEqual([{ key: "settings", entries: [["permitrootlogin", "no"], ["port", "22"]] }]);
    expect(shape.lists).toEqual([{ key: "match_blocks", items: ["User backup"] }]);
    expect(shape.tables[0]?.columns).toEqual(["kind", "path"]);
  });

  test("a small record inside is facts with a longer name", () => {
    expect(shapeOf({ selinux: { mode: "enforcing" } }).facts).toEqual([{ key: "selinux.mode", value: "enforcing" }]);
  });

  test("what is no object has no shape", () => {
    expect(shapeOf(undefined)).toEqual({ facts: [], lists: [], maps: [], tables: [] });
  });
});

describe("words of facts", () => {
  test.each([
    ["mem_bytes", "Memory"],
    ["cpu_model", "CPU model"],
    ["selinux.mode", "SELinux mode"],
    ["boot_at", "Boot"],
    ["machine_id_hash", "Machine ID hash"],
    ["load_15m", "Load 15 min"],
  ])("%s is %s", (key, words) => {
    expect(nameWords(key)).toBe(words);
  });

  test("values follow the unit in the name", () => {
    expect(valueWords("mem_bytes", 8_589_934_592)).toEqual({ kind: "text", text: "8 GiB" });
    expect(valueWords("uptime_s", 90_000)).toEqual({ kind: "text", text: "1 d 1 h" });
    expect(valueWords("used_percent", 41.26)).toEqual({ kind: "text", text: "41.3 %" });
    expect(valueWords("uid", 65534)).toEqual({ kind: "text", text: "65534" });
    expect(valueWords("enabled", false)).toEqual({ kind: "text", text: "No" });
    expect(valueWords("boot_at", "2026-11-22T00:00:00Z")).toEqual({ kind: "moment", at: "2026-11-22T00:00:00Z" });
    expect(valueWords("name", "debian")).toEqual({ kind: "machine", text: "debian" });
  });
});
