import type { View } from "@luumen/api-client";
import { expect, test } from "vitest";

import { readSearch, shownView, viewNamed, writeSearch } from "./search";

const view = (name: string, search: string): View => ({ id: name, page: "hosts", name, search, updated_at: "2026-11-29T03:00:00Z" });
const views = [view("All", ""), view("Old ones", "q=state%3Astale+tag%3A%22a+b%22&sort=-last_seen")];

test("parameters survive being kept", () => {
  const params = { q: 'state:stale tag:"a b" pkg:openssl<3.0.7', sort: "-last_seen", columns: "name,os" };
  expect(readSearch(writeSearch(params))).toEqual(params);
  expect(readSearch("")).toEqual({});
});

test("the view that is shown is known by what it says, not by the order of it", () => {
  expect(shownView(views, "sort=-last_seen&q=state:stale%20tag:%22a%20b%22")?.name).toBe("Old ones");
  expect(shownView(views, "")?.name).toBe("All");
  expect(shownView(views, "q=state%3Astale")).toBeUndefined();
});

test("a name is taken when it is the same but for blanks around it", () => {
  expect(viewNamed(views, " Old ones ")?.id).toBe("Old ones");
  expect(viewNamed(views, "old ones")).toBeUndefined();
});
