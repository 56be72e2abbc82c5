import type { Workspace } from "@luumen/api-client";
import { expect, test } from "vitest";

import { carried, changesOf, fieldsOf, type WorkspaceFields } from "./workspace";

const WORKSPACE = { name: "Production", interval_s: 95_400, polling_s: 60, silence_grace_s: 87_300, default_credential: "fleet", retention_days: 90 } as Workspace;

function check(typed: Partial<WorkspaceFields>, change: object, unread: string[] = []) {
  const before = fieldsOf(WORKSPACE);
  expect(changesOf({ ...before, ...typed }, before)).toEqual({ change, unread });
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

test("what is typed stays when somebody else has saved meanwhile, and theirs is not undone", () => {
  const before = fieldsOf(WORKSPACE);
  const theirs = fieldsOf({ ...WORKSPACE, retention_days: 30, name: "Fleet" });
  const fields = carried({ ...before, name: "Test" }, before, theirs);
  expect(fields).toEqual({ ...theirs, name: "Test" });
  expect(changesOf(fields, theirs).change).toEqual({ name: "Test" });
});

test("what was saved is shown as it is kept, and what was typed meanwhile stays", () => {
  const sent = { ...fieldsOf(WORKSPACE), polling_s: "120 s" };
  const saved = fieldsOf({ ...WORKSPACE, polling_s: 120 });
  expect(carried({ ...sent, name: "Test" }, sent, saved)).toEqual({ ...saved, name: "Test" });
});
