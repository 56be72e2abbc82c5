// Follows the workbench's events: sessions, questions, transfers, forwards and scans as they are now, and which lists to read again.
import type { Backend, CallName, contract } from "@luumen/backend";
import { notifyDone } from "@luumen/kit";
import { notifications } from "@mantine/notifications";
import type { QueryClient } from "@tanstack/react-query";

import type { Asked } from "./desk";
import { Store, withEntry, withoutEntry } from "./store";

export interface ScanProgress {
  done: number;
  total: number;
  section: string;
}

/** A file of a host that is open in an editor here, and how this page stands to it. */
export interface Edit extends contract.Editing {
  /** The person was not asked about the change yet. */
  asks: boolean;
  /** The change is on its way, or its session is. */
  sending: boolean;
  /** Why it was not sent. */
  error: unknown;
}

interface Listeners {
  session: (session: contract.Session) => void;
  shellClosed: (terminal: contract.Id, exit: number | null, signal: string | null) => void;
  shellRefused: (terminal: contract.Id, problem: contract.Problem) => void;
  preferences: () => void;
}

/** The calls whose answers are old when something changes. */
const READ_AGAIN: Record<string, CallName[]> = {
  hosts: ["hosts_tree", "host_get", "quick_parse"],
  credentials: ["credentials_list"],
  keys: ["keys_list", "known_hosts_list"],
  preferences: ["preferences_get", "catalogue_status"],
  logs: ["logs_list"],
  vault: ["vault_status", "about"],
  scans: ["scans_list", "scan_last", "scan_get", "hosts_tree"],
  forwards: ["forwards_list"],
};

export class Follow {
  readonly sessions = new Store<ReadonlyMap<contract.Id, contract.Session>>(new Map());
  readonly questions = new Store<readonly Asked[]>([]);
  readonly transfers = new Store<ReadonlyMap<contract.Id, contract.Transfer>>(new Map());
  readonly edits = new Store<ReadonlyMap<contract.Id, Edit>>(new Map());
  readonly scans = new Store<ReadonlyMap<contract.Id, ScanProgress>>(new Map());
  /** The scan that runs on a session, or ran last in this window. */
  readonly scanOf = new Store<ReadonlyMap<contract.Id, contract.Id>>(new Map());
  /** Why nothing is told any more, once the way is broken. */
  readonly broken = new Store<string | null>(null);

  constructor(
    private readonly backend: Backend,
    private readonly queries: QueryClient,
    private readonly listeners: Listeners,
  ) {}

  async start(): Promise<void> {
    await this.backend.events(
      (event) => this.take(event),
      (reason) => this.broken.set(reason),
    );
    // What was told before anybody listened.
    const [questions, transfers] = await Promise.all([
      this.backend.call("questions_list", {}),
      this.backend.call("transfers_list", {}),
      this.readEdits(),
    ]);
    this.questions.set(questions.map(({ question, session, ask }) => ({ id: question, session, ask })));
    this.transfers.set(new Map(transfers.map((transfer) => [transfer.id, transfer])));
  }

  seen(session: contract.Session): void {
    this.sessions.set((sessions) => withEntry(sessions, session.id, session));
  }

  forget(session: contract.Id): void {
    this.sessions.set((sessions) => withoutEntry(sessions, session));
  }

  /** A scan was started on a session. */
  scanning(session: contract.Id, scan: contract.Id): void {
    this.scanOf.set((scans) => withEntry(scans, session, scan));
    if (!this.scans.get().has(scan)) this.scans.set((scans) => withEntry(scans, scan, { done: 0, total: 0, section: "" }));
  }

  /** A scan was deleted: no session shows it any more. */
  forgetScan(scan: contract.Id): void {
    this.scanOf.set((scans) => new Map([...scans].filter(([, shown]) => shown !== scan)));
    this.scans.set((scans) => withoutEntry(scans, scan));
  }

  /** A file was opened for editing. */
  editing(edit: contract.Editing): void {
    // A change of one that an earlier start left is told by itself; the others were asked about on a page that is gone.
    const fresh = { asks: edit.changed && edit.session !== null, sending: false, error: null };
    this.edits.set((edits) => withEntry(edits, edit.edit, { ...fresh, ...edits.get(edit.edit), ...edit }));
  }

  setEdit(id: contract.Id, change: Partial<Edit>): void {
    this.edits.set((edits) => {
      const edit = edits.get(id);
      return edit ? withEntry(edits, id, { ...edit, ...change }) : edits;
    });
  }

  /** Asks which files are open for editing: this page may be a new one. */
  async readEdits(): Promise<void> {
    const edits = await this.backend.call("edits_list", {});
    const open = new Set(edits.map(({ edit }) => edit));
    this.edits.set((known) => new Map([...known].filter(([id]) => open.has(id))));
    for (const edit of edits) this.editing(edit);
  }

  answered(question: contract.Id): void {
    this.questions.set((asked) => asked.filter(({ id }) => id !== question));
  }

  private take(event: contract.Event): void {
    switch (event.event) {
      case "session":
        if (event.session.state === "closed") this.readAgain("forwards_list");
        return this.listeners.session(event.session);
      case "question": {
        const { question: id, session, ask } = event;
        return this.questions.set((asked) => [...asked.filter((each) => each.id !== id), { id, session, ask }]);
      }
      case "question_gone":
        return this.answered(event.question);
      case "terminal_closed":
        return this.listeners.shellClosed(event.terminal, event.exit, event.signal);
      case "terminal_refused":
        return this.listeners.shellRefused(event.terminal, event.problem);
      case "forward":
        return this.readAgain("forwards_list");
      case "transfer":
        return this.transfers.set((transfers) => withEntry(transfers, event.transfer.id, event.transfer));
      case "edit_changed":
        // Another page may have opened it.
        if (!this.edits.get().has(event.edit)) return void this.readEdits();
        return this.setEdit(event.edit, { changed: true, asks: true, saved_at: new Date().toISOString() });
      case "scan": {
        const { scan, done, total, section } = event;
        return this.scans.set((scans) => withEntry(scans, scan, { done, total, section }));
      }
      case "scan_done":
        this.scans.set((scans) => withoutEntry(scans, event.scan));
        return this.changed("scans");
      case "changed":
        return this.changed(event.what);
      case "notice":
        return notice(event.level, event.problem);
    }
  }

  private changed(what: string): void {
    for (const call of READ_AGAIN[what] ?? []) this.readAgain(call);
    if (what === "preferences") this.listeners.preferences();
  }

  private readAgain(call: CallName): void {
    void this.queries.invalidateQueries({ queryKey: [call] });
  }
}

function notice(level: "info" | "warning" | "error", problem: contract.Problem): void {
  if (level === "info") return notifyDone([problem.title, problem.detail].filter(Boolean).join(". "));
  notifications.show({
    title: problem.title,
    message: [problem.detail, problem.next, problem.code].filter(Boolean).join(" · "),
    withBorder: true,
    autoClose: level === "error" ? false : 12_000,
    className: "notice-failed",
  });
}
