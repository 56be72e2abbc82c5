// Session logs on this device: who recorded what, and the player.
import type { contract } from "@luumen/backend";
import { bytesWords, durationWords, Empty, Loaded, Page, plural, RelativeTime, StateMark, useConfirm } from "@luumen/kit";
import { Button, Modal } from "@mantine/core";
import { useState } from "react";

import { SearchLine, useSearch } from "../access/SearchLine";
import { useCall, useDesk, useDo, useReadAgain } from "../desk/context";
import { useStore } from "../desk/store";
import { WriteToFile } from "../hosts/WriteToFile";
import { Player } from "./Player";
import { exportName, isPlayable } from "./player";

export function LogsPage() {
  const desk = useDesk();
  const logs = useCall("logs_list", {});
  const keep = useStore(desk.preferences, ({ log_keep_days }) => log_keep_days);
  const search = useSearch((log: contract.LogRow) => [log.title, log.mode]);
  return (
    <Page title="Session logs" state={logs.data ? `${plural(logs.data.length, "log")} on this device, kept ${keep === 0 ? "until you delete them" : `for ${plural(keep, "day")}`}` : undefined} fill>
      <Loaded from={logs} what="the session logs" rows={8}>
        {(all) =>
          all.length === 0 ? (
            <Empty title="No session was recorded">
              Switch the session log on for one session in its panel, for a host or group in its settings, or for all under Settings, Terminal. A recorded
              session is marked REC.
            </Empty>
          ) : (
            <Body logs={search.of(all).sort((a, b) => b.started_at.localeCompare(a.started_at))} all={all} typed={search.typed} search={<SearchLine search={search} label="Search the session logs" />} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Body({ logs, all, typed, search }: { logs: contract.LogRow[]; all: contract.LogRow[]; typed: string; search: React.ReactNode }) {
  const desk = useDesk();
  const at = useStore(desk.view, (view) => view.at);
  const chosen = all.find(({ id }) => id === at) ?? logs[0] ?? null;
  return (
    <div className="list-and-one">
      <div className="list-side">
        {search}
        {logs.length === 0 && <Empty title={`No log fits “${typed}”`} />}
        <ul className="list-rows" aria-label="Session logs">
          {logs.map((log) => (
            <li key={log.id}>
              <button type="button" aria-current={log.id === chosen?.id || undefined} onClick={() => desk.go("logs", log.id)}>
                <span className="list-line">
                  <strong className="cut" title={log.title}>
                    {log.title}
                  </strong>
                  <span className="faint small">
                    <RelativeTime at={log.started_at} />
                  </span>
                </span>
                <span className="in-line small secondary">
                  <span>{log.mode === "full" ? "Everything" : "Metadata"}</span>
                  <span className="number">{bytesWords(log.size_bytes)}</span>
                  {log.ended_at ? <span className="number">{lasted(log)}</span> : <StateMark tone="running" word="goes on" />}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </div>
      <section className="one-side" aria-label="The session log">
        {chosen && <One key={chosen.id} log={chosen} />}
      </section>
    </div>
  );
}

function lasted({ started_at, ended_at }: contract.LogRow): string {
  return ended_at ? durationWords(new Date(ended_at).getTime() - new Date(started_at).getTime()) : "";
}

function One({ log }: { log: contract.LogRow }) {
  const act = useDo();
  const desk = useDesk();
  const readAgain = useReadAgain();
  const confirm = useConfirm();
  const [exporting, setExporting] = useState(false);
  const remove = async () => {
    const sure = await confirm({ title: `Delete the log of ${log.title}?`, body: "The recording is deleted from this device. This cannot be taken back.", action: "Delete" });
    if (!sure || !(await act("delete the log", "logs_delete", { ids: [log.id] }))) return;
    desk.go("logs");
    readAgain("logs_list");
  };
  return (
    <>
      <header className="one-head">
        <h2 className="cut">{log.title}</h2>
        {log.end_reason && <span className="secondary small">ended: {log.end_reason}</span>}
        <span className="row-actions">
          <Button size="xs" variant="default" onClick={() => setExporting(true)}>
            Export
          </Button>
          <Button size="xs" variant="default" onClick={() => void remove()}>
            Delete
          </Button>
        </span>
      </header>
      <Player log={log} />
      <Modal opened={exporting} onClose={() => setExporting(false)} title="Export the session log" size="md">
        {exporting && <ExportForm log={log} onDone={() => setExporting(false)} />}
      </Modal>
    </>
  );
}

function ExportForm({ log, onDone }: { log: contract.LogRow; onDone: () => void }) {
  const desk = useDesk();
  const write = async (path: string, overwrite: boolean) => {
    await desk.backend.call("log_export", { id: log.id, path, overwrite });
    return `Wrote ${path}`;
  };
  return (
    <WriteToFile doing="write the log" what="the log" suggested={exportName(log)} write={write} onDone={onDone}>
      {isPlayable(log) ? (
        <p>As asciicast version 3, which other players read too. It holds whatever was on the screen.</p>
      ) : (
        <p>As JSON: who, where, when and for how long. What was on the screen was not kept, so there is nothing for a player.</p>
      )}
    </WriteToFile>
  );
}
