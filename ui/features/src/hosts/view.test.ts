import { describe, expect, test } from "vitest";

import { hostsHref, readHostsView, writeHostsView, type HostsView } from "./view";

describe("the host list in the URL", () => {
  test.each<HostsView>([
    { q: "", sort: "name", descending: false, columns: null, panel: null },
    { q: "os:debian pkg:openssl<3.0.7", sort: "last_seen", descending: true, columns: ["name", "os"], panel: "add" },
    { q: "web", sort: "name", descending: true, columns: null, panel: null },
  ])("survives writing and reading: %o", (view) => {
    expect(readHostsView(writeHostsView(view))).toEqual(view);
  });

  test("the usual view has no parameters", () => {
    expect(writeHostsView(readHostsView({}))).toEqual({});
  });

  test("a sort that does not exist is the usual one", () => {
    expect(readHostsView({ sort: "-colour" })).toMatchObject({ sort: "name", descending: false });
  });

  test("an address holds any filter", () => {
    const href = hostsHref('tag:"a b" -os:debian');
    expect(new URL(href, "http://x").searchParams.get("q")).toBe('tag:"a b" -os:debian');
    expect(hostsHref("")).toBe("/hosts");
  });
});
