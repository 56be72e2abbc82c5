// A host as fields, and what was changed in them.
import type { Host, UpdateHost } from "@luumen/api-client";

export interface HostFields {
  name: string;
  address: string;
  port: number | string;
  username: string;
  credential: string;
  tags: string[];
  notes: string;
  enabled: boolean;
}

export const NEW_HOST: HostFields = {
  name: "",
  address: "",
  port: 22,
  username: "",
  credential: "",
  tags: [],
  notes: "",
  enabled: true,
};

export function fieldsOf({ summary, username, credential, notes, enabled }: Host): HostFields {
  return {
    name: summary.name,
    address: summary.address,
    port: summary.port,
    username: username ?? "",
    credential: credential ?? "",
    tags: summary.tags,
    notes: notes ?? "",
    enabled,
  };
}

/** Only what is not as it was: the rest may be newer on the server than in the form. */
export function changedFields(before: HostFields, now: UpdateHost): UpdateHost {
  const was = (name: string): unknown => before[name as keyof HostFields];
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(was(name))));
}
