import { expect, test } from "vitest";

import { suggestFilter } from "./suggest";

const facets: Record<string, { value: string; count: number }[]> = {
  os: [
    { value: "debian/12", count: 41 },
    { value: "ubuntu/22.04", count: 2 },
  ],
  tag: [{ value: "front end", count: 3 }],
};
const terms = (term: string) => suggestFilter(term, (name) => facets[name] ?? []).map((each) => each.term);

test.each([
  ["sev", ["severity:"]],
  ["e", ["epss>", "exposure:", "end_of_life:"]],
  ["severity:h", ["severity:high"]],
  ["severity:critical,", ["severity:critical,high", "severity:critical,medium", "severity:critical,low", "severity:critical,none", "severity:critical,unknown"]],
  ["kev:", ["kev:yes", "kev:no"]],
  ["fix:n", ["fix:needs_subscription", "fix:none"]],
  ["os:d", ["os:debian/12"]],
  ["tag:", ['tag:"front end"']],
  ["openssl", []],
])("%s suggests %o", (term, expected) => {
  expect(terms(term)).toEqual(expected);
});
