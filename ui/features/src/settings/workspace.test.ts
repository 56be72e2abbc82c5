import type { Workspace } from "@luumen/api-client";
import { expect, test } from "vitest";

import { changesOf, fieldsOf, type WorkspaceFields } from "./workspace";

const WORKSPACE = { name: "Production", interval_s: 95_400, polling_s: 60, silence_grace_s: 87_300, default_credential: "fleet", retention_days: 90 } as Workspace;

function check(typed: Partial<WorkspaceFields>, change: object, unread: string[] = []) {
  expect(changesOf({ ...fieldsOf(WORKSPACE), ...typed }, WORKSPACE)).toEqual({ change, unread });
}

test("what nobody touched is not sent", () => {
  check({}, {});
  check({ name: "Test" }, { name: "Test" });
});

test("what is emptied is sent, and an empty number is not", () => {
  check({ default_credential: "", retention_days: "" }, { default_credential: "" });
});

test("spans are read, and what is none is named", () => {
  check({ polling_s: "2 min", interval_s: "soon" }, { polling_s: 120 }, ["interval_s"]);
});
