// Which host the files page shows: the one that it showed before, until a person chooses another.
import type { contract } from "@luumen/backend";

import type { Target } from "../layout/tabs";

type Sessions = ReadonlyMap<contract.Id, contract.Session>;
type Panes = Readonly<Record<string, Target>>;

/** The session that is shown, and the pane that would connect it again. */
export interface Kept {
  session: contract.Session;
  pane: string | null;
  place: Pick<Target, "host" | "quick"> | null;
}

/** Remembers a session with the pane that it is in. */
export function keptOf(session: contract.Session, panes: Panes): Kept {
  const [pane, target] = Object.entries(panes).find(([, target]) => target.session === session.id) ?? [null, null];
  return { session, pane, place: target };
}

/**
 * What became of the session that is shown. It stays the same host even if that is not connected any more: what is chosen,
 * dropped or deleted next would otherwise happen on a host that nobody asked for.
 */
export function shownNow(kept: Kept, sessions: Sessions, panes: Panes): contract.Session {
  const same = sessions.get(kept.session.id);
  if (same && same.state !== "closed") return same;
  return successorOf(kept, sessions, panes) ?? { ...(same ?? kept.session), state: "closed" };
}

/** A pane that is connected again has another session; it is the same host only if the pane still leads there. */
function successorOf({ session, pane, place }: Kept, sessions: Sessions, panes: Panes): contract.Session | undefined {
  const target = pane === null ? undefined : panes[pane];
  if (!target || !place || target.host !== place.host || target.quick !== place.quick) return undefined;
  return target.session === session.id ? undefined : sessions.get(target.session ?? "");
}
