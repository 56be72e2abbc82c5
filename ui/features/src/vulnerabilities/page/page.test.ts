import type { FindingVariant, PackageFinding } from "@luumen/api-client";
import { expect, test } from "vitest";

import { fixLines, lineWords } from "./fixes";
import { readVulnerabilityView, writeVulnerabilityView, type VulnerabilityView } from "./view";

test.each<VulnerabilityView>([
  { q: "", state: null, package: null, claims: false, find: "", excepting: false },
  { q: "web", state: "not_evaluable", package: "openssl", claims: true, find: "debian", excepting: true },
])("a vulnerability's view survives the URL: %o", (view) => {
  expect(readVulnerabilityView(writeVulnerabilityView(view))).toEqual(view);
});

test("a state that does not exist is none", () => {
  expect(readVulnerabilityView({ state: "gone" }).state).toBeNull();
});

const variant = (part: Partial<FindingVariant>) =>
  ({ platform: "debian/12", verdict: "vulnerable", fix: "available", end_of_life: false, host_count: 1, ...part }) as FindingVariant;
const found = (name: string, variants: FindingVariant[]) => ({ finding: { package: name }, variants }) as PackageFinding;

test("what closes it stands together, and what helps at once comes first", () => {
  const lines = fixLines([
    found("linux", [variant({ fix: "none", host_count: 9 })]),
    found("openssl", [
      variant({ fixed_version: "3.0.15", host_count: 2 }),
      variant({ fixed_version: "3.0.15", host_count: 3, verdict: "possible" }),
      variant({ fix: "needs_subscription", platform: "ubuntu/18.04", fix_channel: "esm-infra", fixed_version: "1.1.1-esm" }),
      variant({ verdict: "fixed", host_count: 40 }),
    ]),
  ]);
  expect(lines.map(lineWords)).toEqual([
    "Upgrade openssl to 3.0.15 on 5 hosts",
    "Upgrade openssl to 1.1.1-esm on 1 host: needs Ubuntu Pro (esm-infra)",
    "No fix of linux is published for 9 hosts",
  ]);
});
