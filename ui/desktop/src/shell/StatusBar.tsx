// The line at the bottom: how the session with the keyboard is doing, and what runs behind the screens.
import type { contract } from "@luumen/backend";
import { bytesWords, RelativeTime, StateMark, type Tone } from "@luumen/kit";
import { IconArrowsTransferUpDown, IconKey, IconPlayerRecordFilled, IconPlugConnected } from "@tabler/icons-react";

import { useCall, useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { useKeyNames } from "./useKeyNames";

const STATES: Record<contract.SessionState, { tone: Tone; word: string }> = {
  connecting: { tone: "running", word: "Connecting" },
  open: { tone: "ok", word: "Connected" },
  lost: { tone: "failed", word: "Connection lost" },
  closed: { tone: "off", word: "Closed" },
  failed: { tone: "failed", word: "Not connected" },
};

export function sessionWords(state: contract.SessionState) {
  return STATES[state];
}

/** The session of the pane with the keyboard. */
export function useActiveSession(): contract.Session | null {
  const desk = useDesk();
  const layout = useStore(desk.layout);
  const sessions = useStore(desk.follow.sessions);
  const tab = layout.tabs.find(({ id }) => id === layout.used[0]);
  const session = tab ? layout.panes[tab.active]?.session : null;
  return session ? (sessions.get(session) ?? null) : null;
}

export function StatusBar() {
  const desk = useDesk();
  const session = useActiveSession();
  const keys = useKeyNames();
  const shown = useStore(desk.view, (view) => view.page) !== "settings" ? session : null;
  return (
    <footer className="status" aria-label="Status">
      {shown ? <OfSession session={shown} /> : <span className="faint">No session has the keyboard</span>}
      <span className="status-gap" />
      <Transfers />
      <button type="button" className="status-button" onClick={() => desk.palette.set("")}>
        Commands <span className="faint">{keys("palette")}</span>
      </button>
    </footer>
  );
}

function OfSession({ session }: { session: contract.Session }) {
  const desk = useDesk();
  const { tone, word } = STATES[session.state];
  return (
    <>
      <span className="machine cut status-target" title={session.target}>
        {session.target}
      </span>
      <StateMark tone={tone} word={word} />
      {session.state === "open" && session.latency_ms !== null && (
        <span className="number" title="Time of an answer from the host">
          {session.latency_ms} ms
        </span>
      )}
      {session.recording !== "off" && (
        <span className="recording" title={session.recording === "full" ? "Everything that is shown is written to the session log" : "Who, where, when and for how long is written to the session log, not what is shown or typed"}>
          <IconPlayerRecordFilled size={11} aria-hidden />
          REC {session.recording === "full" ? "full" : "metadata"}
        </span>
      )}
      {session.state === "open" && session.agent_forwarding && (
        <span className="agent-lent tone-warning" title="Whoever is root on the host can use your ssh-agent's keys for as long as you are connected">
          <IconKey size={13} aria-hidden />
          Agent forwarded
        </span>
      )}
      <Forwards session={session.id} />
      {session.host && <ScanAge host={session.host} onOpen={() => desk.panel.set("scan")} />}
    </>
  );
}

function Forwards({ session }: { session: contract.Id }) {
  const desk = useDesk();
  const forwards = useCall("forwards_list", { session }).data ?? [];
  const live = forwards.filter(({ state }) => state === "listening").length;
  const failed = forwards.filter(({ state }) => state === "failed").length;
  if (live + failed === 0) return null;
  return (
    <button type="button" className="status-button" onClick={() => desk.panel.set("forwards")}>
      <IconPlugConnected size={13} aria-hidden />
      {live} {live === 1 ? "forward" : "forwards"}
      {failed > 0 && <StateMark tone="failed" word={`${failed} failed`} />}
    </button>
  );
}

function ScanAge({ host, onOpen }: { host: contract.Id; onOpen: () => void }) {
  const tree = useCall("hosts_tree", {});
  const at = tree.data?.hosts.find(({ id }) => id === host)?.last_scan_at ?? null;
  return (
    <button type="button" className="status-button" onClick={onOpen}>
      Scan <RelativeTime at={at} empty="never" />
    </button>
  );
}

function Transfers() {
  const desk = useDesk();
  const transfers = [...useStore(desk.follow.transfers).values()];
  const live = transfers.filter(({ state }) => state === "running" || state === "waiting");
  const stuck = transfers.filter(({ state }) => state === "conflict").length;
  if (live.length + stuck === 0) return null;
  const done = live.reduce((sum, { bytes_done }) => sum + bytes_done, 0);
  const total = live.reduce((sum, { bytes_total }) => sum + bytes_total, 0);
  return (
    <button type="button" className="status-button" onClick={() => desk.go("files")}>
      <IconArrowsTransferUpDown size={13} aria-hidden />
      {live.length > 0 && (
        <span className="number">
          {live.length} · {bytesWords(done)} of {bytesWords(total)}
        </span>
      )}
      {stuck > 0 && <StateMark tone="warning" word={`${stuck} ${stuck === 1 ? "waits" : "wait"} for you`} />}
    </button>
  );
}
