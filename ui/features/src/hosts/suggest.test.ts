import { describe, expect, test } from "vitest";

import { suggestTerms, type Sources } from "./suggest";

const sources: Sources = {
  facet: (name) =>
    name === "os"
      ? [
          { value: "debian", count: 12 },
          { value: "rocky", count: 1 },
        ]
      : [{ value: "front end", count: 3 }],
  packages: async () => [{ name: "openssl", host_count: 9 }],
  properties: async () => [
    { path: "sshd.settings.permitrootlogin", host_count: 9, examples: ["yes", "no", "prohibit-password"] },
  ],
};

async function terms(term: string) {
  return (await suggestTerms(term, sources)).map((each) => each.term);
}

describe("filter suggestions", () => {
  test("an empty term names what it can begin with", async () => {
    expect(await terms("")).toEqual(["state:", "os:", "tag:", "pkg:", "unseen:", "seen:", "changed:", "added:"]);
  });
  test("states are listed by urgency", async () => {
    expect(await terms("state:")).toEqual([
      "state:failing",
      "state:stale",
      "state:never_seen",
      "state:partial",
      "state:ok",
      "state:disabled",
    ]);
  });
  test("values come from the facets, quoted when they hold spaces", async () => {
    expect(await terms("os:d")).toEqual(["os:debian"]);
    expect(await terms("tag:")).toEqual(['tag:"front end"']);
  });
  test("a negated term stays negated", async () => {
    expect(await terms("-os:r")).toEqual(["-os:rocky"]);
  });
  test("sections are found by either name, then causes and ages", async () => {
    expect(await terms("unseen:fire")).toEqual(["unseen:firewall"]);
    expect(await terms("unseen:ssh")).toEqual(["unseen:sshd"]);
    expect((await terms("unseen:")).slice(0, 2)).toEqual(["unseen:any", "unseen:os"]);
    expect(await terms("unseen:sshd=")).toEqual(["unseen:sshd=denied", "unseen:sshd=other"]);
    expect(await terms("-unseen:sshd=d")).toEqual(["-unseen:sshd=denied"]);
    expect(await terms("seen:<")).toEqual(["seen:<1h", "seen:<1d", "seen:<7d"]);
    expect(await terms("seen:n")).toEqual(["seen:never"]);
    expect(await terms("changed:n")).toEqual([]);
  });
  test("packages are looked up until an operator is written", async () => {
    expect(await terms("pkg:open")).toEqual(["pkg:openssl"]);
    expect(await terms("pkg:openssl<")).toEqual([]);
  });
  test("a property is suggested by its path, then by its values", async () => {
    expect(await terms("sshd")).toEqual(["sshd.settings.permitrootlogin="]);
    expect(await terms("sshd.settings.permitrootlogin=n")).toEqual(["sshd.settings.permitrootlogin=no"]);
  });
});
