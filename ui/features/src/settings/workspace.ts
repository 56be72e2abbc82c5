// The workspace's settings as fields, and back.
import type { UpdateWorkspace, Workspace } from "@luumen/api-client";
import { wholeSpan } from "@luumen/kit/format";

import { parseSpan } from "./span";

const SPANS = ["interval_s", "polling_s", "silence_grace_s"] as const;
const TEXTS = ["name", "default_credential", "default_username"] as const;

/** What stands in the fields. */
export type WorkspaceFields = Record<(typeof SPANS)[number] | (typeof TEXTS)[number], string> & { retention_days: number | string };

export function fieldsOf(workspace: Workspace): WorkspaceFields {
  return {
    name: workspace.name,
    interval_s: wholeSpan(workspace.interval_s),
    polling_s: wholeSpan(workspace.polling_s),
    silence_grace_s: wholeSpan(workspace.silence_grace_s),
    default_credential: workspace.default_credential ?? "",
    default_username: workspace.default_username ?? "",
    retention_days: workspace.retention_days,
  };
}

/** What was typed since `before` stays; every other field says what it is now. */
export function carried(fields: WorkspaceFields, before: WorkspaceFields, now: WorkspaceFields): WorkspaceFields {
  const typed = Object.entries(fields).filter(([name, value]) => value !== before[name as keyof WorkspaceFields]);
  return { ...now, ...Object.fromEntries(typed) };
}

/** What a person changed since `before`, and only that: the rest may be somebody else's newer setting. `unread` names what is no span. */
export function changesOf(fields: WorkspaceFields, before: WorkspaceFields): { change: UpdateWorkspace; unread: string[] } {
  const change: UpdateWorkspace = {};
  const unread: string[] = [];
  for (const name of TEXTS) if (fields[name] !== before[name]) change[name] = fields[name];
  for (const name of SPANS) {
    if (fields[name] === before[name]) continue;
    const seconds = parseSpan(fields[name]);
    if (seconds === null) unread.push(name);
    else change[name] = seconds;
  }
  const { retention_days } = fields;
  if (retention_days !== "" && retention_days !== before.retention_days) change.retention_days = Number(retention_days);
  return { change, unread };
}
