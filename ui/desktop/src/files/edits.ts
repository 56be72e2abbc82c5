// Sends what was edited here to its host: over its session, over another one to the same host, or over one that is opened for it.
import type { contract } from "@luumen/backend";

import type { Desk } from "../desk/desk";
import type { Edit } from "../desk/follow";

/** The host's file is not the one that was opened any more. */
export const CONFLICT = "LUM-EDIT-CONFLICT";
/** Whether a session leads to the host that a file came from. */
export function leadsTo({ host, target }: Pick<contract.Session, "host" | "target">, edit: Pick<Edit, "host" | "target">): boolean {
  return target === edit.target || (host !== null && host === edit.host);
}

/** The session that a change would go over: an open one before one that has to be connected again, its own before others. */
export function sessionFor(sessions: Iterable<contract.Session>, edit: Pick<Edit, "host" | "target" | "session">): contract.Session | null {
  const RANK: Partial<Record<contract.SessionState, number>> = { open: 0, connecting: 2, lost: 4 };
  const rank = ({ id, state }: contract.Session) => (RANK[state] ?? 8) + (id === edit.session ? 0 : 1);
  return [...sessions].filter((session) => session.state in RANK && leadsTo(session, edit)).sort((a, b) => rank(a) - rank(b))[0] ?? null;
}

/** Sends a change, and answers whether it arrived. What kept it from that stands in the edit. */
export async function upload(desk: Desk, id: contract.Id, overwrite: boolean): Promise<boolean> {
  const edit = desk.follow.edits.get().get(id);
  if (!edit || edit.sending) return false;
  // What is saved while this one is on its way is a change of its own.
  desk.follow.setEdit(id, { changed: false, asks: false, sending: true, error: null });
  try {
    const session = await opened(desk, edit);
    if (!session) {
      desk.follow.setEdit(id, { changed: true });
      return false;
    }
    const own = session.id === edit.session;
    const over = own ? {} : { files: (await filesOf(desk, session)).files };
    await desk.backend.call("edit_upload", { edit: id, overwrite, ...over });
    desk.follow.setEdit(id, { session: session.id });
    return true;
  } catch (error) {
    desk.follow.setEdit(id, { changed: true, error });
    return false;
  } finally {
    desk.follow.setEdit(id, { sending: false });
  }
}

/** The files connection of a session, the same one that the screens show. */
function filesOf({ backend, queries }: Desk, session: contract.Session) {
  return queries.fetchQuery({
    queryKey: ["files_open", session.id, session.opened_at],
    queryFn: () => backend.call("files_open", { session: session.id }),
    staleTime: Infinity,
    gcTime: Infinity,
  });
}

/** A session to the file's host; null when its person closed the pane instead of letting it connect. */
async function opened(desk: Desk, edit: Edit): Promise<contract.Session | null> {
  const found = sessionFor(desk.follow.sessions.get().values(), edit);
  if (found?.state === "open") return found;
  const shown = found && desk.panesOfSession(found.id)[0];
  const pane = shown ?? desk.connect(placeOf(edit), { ...(edit.credential && { credential: edit.credential }), ...(edit.jump && { jump: edit.jump }) });
  // Whatever is asked on the way is asked there.
  desk.show(pane);
  if (shown) desk.reconnect(shown);
  return whenOpen(desk, pane);
}

/** As it was connected to before: what was typed may name another account than the host does. */
function placeOf({ host, quick, title, target }: Edit): { host: contract.Id; title: string } | { quick: string } {
  if (quick !== null) return { quick };
  return host ? { host, title } : { quick: target };
}

/** Waits as long as its person wants to: a connection that failed may be mended. */
function whenOpen(desk: Desk, pane: string): Promise<contract.Session | null> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const look = () => {
      const session = desk.sessionOf(pane);
      const gone = !(pane in desk.layout.get().panes);
      if (!gone && session?.state !== "open") return;
      stops.splice(0).forEach((stop) => stop());
      resolve(gone ? null : session);
    };
    stops.push(desk.layout.subscribe(look), desk.follow.sessions.subscribe(look));
    look();
  });
}
