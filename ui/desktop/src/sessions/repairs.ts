// Where a person can mend what kept a session from opening. The workbench says what happened; this says where to go.
import type { contract } from "@luumen/backend";

import type { Page } from "../desk/desk";

export interface Repair {
  word: string;
  page: Page;
  at: string | null;
}

/** The ways out of a problem, nearest first. */
export function repairsOf(problem: contract.Problem | null, host: contract.Id | null): Repair[] {
  if (!problem) return [];
  const edit: Repair[] = host ? [{ word: "Change the host…", page: "hosts", at: `edit:${host}` }] : [];
  const { code } = problem;
  if (/HOSTKEY|HOST-KEY/.test(code)) return [{ word: "Known hosts…", page: "keys", at: "known" }, ...edit];
  if (/AUTH|SIGN-?IN|KEY|CREDENTIAL|AGENT/.test(code)) return [{ word: "Credentials…", page: "keys", at: "credentials" }, ...edit];
  if (/VAULT|SECRET/.test(code)) return [{ word: "Where secrets live…", page: "settings", at: "secrets" }, ...edit];
  return edit;
}
