// Does what a form in the card says: keeps what was changed, and tries the connection again at once.
import type { Backend, contract } from "@luumen/backend";

import type { Desk } from "../desk/desk";
import { tidyDraft } from "../hosts/drafts";
import { placeText, type Mending } from "./repairs";

/** How to sign in from now on: a credential that is kept, or one that is made for it. */
export type SignIn = { by: "kept"; credential: contract.Id } | { by: "password" } | { by: "file"; path: string } | { by: "agent" };

/** The mended host or place. */
export interface Mended {
  kind: Mending;
  /** The kept host that is changed; null for a place that was typed. */
  id: contract.Id | null;
  draft: contract.HostDraft;
  /** Whether a typed place is kept as a host. */
  keep: boolean;
  signIn: SignIn | null;
}

/** Keeps what was changed as far as it shall be, and connects the pane again. */
export async function mend(desk: Desk, pane: string, { kind, id, draft, keep, signIn }: Mended): Promise<void> {
  const target = desk.layout.get().panes[pane];
  if (!target) return;
  const kept = id !== null || keep;
  const place = draft.settings.user ? `${draft.settings.user} on ${draft.name || draft.address}` : draft.name || draft.address;
  const credential = signIn && (await credentialFor(desk.backend, signIn, kept ? place : null));
  const host = tidyDraft(credential ? { ...draft, settings: { ...draft.settings, credential } } : draft);
  const { instead } = target;
  if (id !== null) {
    await desk.backend.call("host_save", { host, id });
    // What was chosen for this connection alone would go before what the host says now.
    const goal = id === (target.host ?? desk.sessionOf(pane)?.host);
    const hidden = signIn ? "credential" : kind === "way" ? "jump" : null;
    const hides = goal && hidden !== null && instead?.[hidden] !== undefined;
    return hides ? desk.retry(pane, { ...target, instead: { ...instead, [hidden]: undefined } }) : desk.reconnect(pane);
  }
  if (keep) {
    const chosen = { ...host.settings, credential: host.settings.credential ?? instead?.credential ?? null, jump: host.settings.jump ?? (instead?.jump ? [instead.jump] : null) };
    const saved = await desk.backend.call("host_save", { host: { ...host, settings: chosen } });
    return desk.retry(pane, { host: saved.id, quick: null, title: saved.name });
  }
  const quick = placeText({ ...host.settings, address: host.address });
  desk.retry(pane, { host: null, quick, title: quick, instead: credential ? { ...instead, credential } : instead });
}

/** A credential that does this: one that is there already, or a new one. `place` names what it is kept for, if anything. */
async function credentialFor(backend: Backend, signIn: SignIn, place: string | null): Promise<contract.Id> {
  switch (signIn.by) {
    case "kept":
      return signIn.credential;
    case "agent":
      return thereOrNew(backend, { ...NOTHING, name: "ssh-agent", kind: "agent" }, () => true);
    case "password":
      // The password itself is asked for on the way. It is kept only once it let somebody in, and only if its person says so.
      if (place === null) return thereOrNew(backend, { ...NOTHING, name: "Ask for the password", kind: "ask" }, () => true);
      return thereOrNew(backend, { ...NOTHING, name: `Password of ${place}`, kind: "password" }, ({ name, has_secret }) => name === `Password of ${place}` && !has_secret);
    case "file": {
      const { id, name } = await keyAt(backend, signIn.path);
      return thereOrNew(backend, { ...NOTHING, name, kind: "key", key: id }, ({ key, certificate }) => key === id && certificate === null);
    }
  }
}

const NOTHING = { user: null, key: null, certificate: null };

async function thereOrNew(backend: Backend, draft: contract.CredentialDraft, fits: (each: contract.Credential) => boolean): Promise<contract.Id> {
  const all = await backend.call("credentials_list", {});
  const there = all.find((each) => each.kind === draft.kind && each.user === null && fits(each));
  return (there ?? (await backend.call("credential_save", { credential: draft }))).id;
}

/** The key in a file, which stays there. */
async function keyAt(backend: Backend, typed: string): Promise<contract.Key> {
  const home = typed.startsWith("~/") ? (await backend.call("local_list", {})).path : "";
  const path = home ? `${home}/${typed.slice(2)}` : typed.trim();
  const known = (await backend.call("keys_list", {})).find((key) => key.path === path);
  return known ?? backend.call("key_import", { name: path.split(/[\\/]/).at(-1) ?? path, path, in_place: true });
}
