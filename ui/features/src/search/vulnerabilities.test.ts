import { expect, test } from "vitest";

import { vulnerabilityEntries } from "./vulnerabilities";

const found = [
  { vulnerability: "CVE-2022-0778", package: "openssl", title: "Loop", open_host_count: 3 },
  { vulnerability: "CVE-2022-0778", package: "openssl1.0", title: "Loop", open_host_count: 1 },
];
const names = (typed: string, items = found) =>
  vulnerabilityEntries(typed, items, () => undefined).map(({ entries }) => entries.map(({ name }) => name));

test("a vulnerability is offered once, and packages only when their name fits", () => {
  expect(names("0778")).toEqual([["CVE-2022-0778"], []]);
  expect(names("openssl")).toEqual([["CVE-2022-0778"], ["openssl", "openssl1.0"]]);
});

test("an id that was typed whole is offered although it was not found, and nothing is claimed of it", () => {
  expect(names("cve-2024-6387", [])).toEqual([["CVE-2024-6387"], []]);
  expect(names("cve-2024", [])).toEqual([[], []]);
  expect(vulnerabilityEntries("cve-2024-6387", [], () => undefined)[0]?.entries[0]?.hint).toBe("open its page");
});

test("an entry leads to its page", () => {
  let went = "";
  vulnerabilityEntries("openssl", found, (href) => (went = href))[1]?.entries[0]?.run();
  expect(went).toBe("/vulnerabilities/packages/openssl");
});
