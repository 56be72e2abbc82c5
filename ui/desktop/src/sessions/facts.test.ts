import type { contract } from "@luumen/backend";
import { describe, expect, test } from "vitest";

import { factRows, type FactPart, type FactRow } from "./facts";

const AT = "2026-05-10T12:00:00Z";

function rows(facts: Record<string, unknown>, statuses: Record<string, string> = {}): Map<string, FactRow> {
  const names = new Set([...Object.keys(facts), ...Object.keys(statuses)]);
  const sections = [...names].map((name): contract.ScanSection => ({ name, status: statuses[name] ?? "ok", detail: "", sudo_line: null, ms: 1 }));
  return new Map(factRows({ facts, sections, started_at: AT }).map((row) => [row.label, row]));
}

const said = (part: FactPart) => ("word" in part ? `${part.tone}: ${part.word}` : "at" in part ? `${part.before} ${part.at}` : "machine" in part ? part.machine : part.text);

function check(label: string, facts: Record<string, unknown>, words: string[], gap: string | null = null, statuses: Record<string, string> = {}) {
  const row = rows(facts, statuses).get(label);
  expect(row?.parts.map(said)).toEqual(words);
  expect(row?.gap?.word ?? null).toBe(gap);
}

test("a scan that saw nothing says of each fact that it was not collected", () => {
  for (const row of rows({}).values()) expect([row.parts, row.gap?.word]).toEqual([[], "not collected"]);
});

test("why something was not collected is told", () => {
  expect(rows({}, { hardware: "denied" }).get("Memory")?.gap?.why).toContain("The account may not read it");
  check("Firewall", {}, [], "not on this system", { firewall: "unsupported" });
});

describe("what was seen", () => {
  test("the kernels", () => {
    const kernel = { running: "6.1.0-20", newest_installed: "6.1.0-22", running_is_newest: false };
    check("Kernel running", { kernel }, ["6.1.0-20"]);
    check("Newest installed", { kernel }, ["6.1.0-22", "warning: does not run yet"]);
    check("Newest installed", { kernel: { running: "6.1" } }, [], "not known");
  });

  test("updates come with the age of the host's lists", () => {
    const items = [{ name: "openssl" }, { name: "bash" }];
    check("Updates", { pending_updates: { items, metadata_at: "2026-05-10T06:00:00Z", security_count: 1 } }, ["warning: 2 updates pending, 1 for security", "lists of 2026-05-10T06:00:00Z"]);
    check("Updates", { pending_updates: { items: [], metadata_at: "2026-05-10T06:00:00Z" } }, ["ok: none pending", "lists of 2026-05-10T06:00:00Z"]);
  });

  test("services, disks and what is mounted, the fullest first", () => {
    check("Failed services", { services: { items: [{ name: "a", active_state: "active" }, { name: "b", active_state: "failed" }] } }, ["failed: 1 service", "b"]);
    check("Disks", { disks: { items: [{ name: "sda", kind: "disk", size_bytes: 1024 ** 3 }, { name: "sda1", kind: "part" }] } }, ["sda 1 GiB"]);
    const mounts = { items: [{ mount_point: "/", size_bytes: 1024 ** 3 }, { mount_point: "/var", size_bytes: 2048 }] };
    check("File systems", { mounts, vitals: { mounts: [{ mount_point: "/var", used_percent: 95.4 }] } }, ["warning: 1 nearly full", "/var 2 KiB 95 % full", "/ 1 GiB"]);
  });
});

describe("what is not known never looks fine", () => {
  test("half-read sections", () => {
    check("Failed services", { services: { items: [{ name: "a", active_state: "active" }] } }, [], "not collected", { services: "partial" });
    check("Reboot", { reboot_required: { required: false } }, [], "not collected", { reboot_required: "timeout" });
    check("Reachable ports", { listening_ports: { items: [] } }, [], "not collected", { listening_ports: "denied" });
  });

  test("old lists, and lists without an age, do not say that nothing is pending", () => {
    check("Updates", { pending_updates: { items: [], metadata_at: "2026-03-01T00:00:00Z" } }, ["unknown: none known", "lists of 2026-03-01T00:00:00Z", "stale: old lists hide updates"]);
    check("Updates", { pending_updates: { items: [] } }, ["unknown: none known", "unknown: nobody knows how old the host's lists are"]);
  });

  test("a reboot that nothing on the host can tell of, and facts of another shape", () => {
    check("Reboot", { reboot_required: { reasons: [] } }, [], "not known");
    check("Memory", { hardware: { mem_bytes: "much" } }, [], "not known");
    check("Disks", { disks: ["sda"] }, [], "not collected");
  });
});
