// Every scan kept on this device, the newest first, and the one that is chosen beside them.
import type { contract } from "@luumen/backend";
import { Empty, Loaded, Page, plural, RelativeTime, StateMark, type Tone } from "@luumen/kit";

import { SearchLine, useSearch } from "../access/SearchLine";
import { useCall, useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { rowWords } from "./findings";
import { ScanOf } from "./ScanPanel";

const STATES: Record<contract.ScanState, { tone: Tone; word: string }> = {
  running: { tone: "running", word: "Running" },
  done: { tone: "ok", word: "Done" },
  cancelled: { tone: "off", word: "Cancelled" },
  failed: { tone: "failed", word: "Failed" },
};

export function ScansPage() {
  const scans = useCall("scans_list", {});
  const hosts = useCall("hosts_tree", {}).data?.hosts ?? [];
  const search = useSearch((row: contract.ScanRow) => [row.target, nameOf(row, hosts)]);
  return (
    <Page title="Scans" state={scans.data ? plural(scans.data.length, "scan") : undefined} fill>
      <Loaded from={scans} what="the scans" rows={8}>
        {(all) =>
          all.length === 0 ? (
            <Empty title="No scans yet">Connect to a host and choose Scan in the panel beside the terminal. Scans stay on this device.</Empty>
          ) : (
            <Body rows={newest(search.of(all))} search={<SearchLine search={search} label="Search the scans" />} hosts={hosts} typed={search.typed} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Outcome({ row }: { row: contract.ScanRow }) {
  if (row.state !== "done") return <StateMark {...STATES[row.state]} />;
  const words = rowWords(row);
  return words === null ? <StateMark tone="unknown" word="Nothing was judged" title="Nobody knows what there is" /> : <span>{words}</span>;
}

const newest = (rows: contract.ScanRow[]) => [...rows].sort((a, b) => b.started_at.localeCompare(a.started_at));

function nameOf(row: contract.ScanRow, hosts: readonly contract.Host[]): string {
  return hosts.find(({ id }) => id === row.host)?.name ?? row.target;
}

function Body({ rows, search, hosts, typed }: { rows: contract.ScanRow[]; search: React.ReactNode; hosts: contract.Host[]; typed: string }) {
  const desk = useDesk();
  const at = useStore(desk.view, (view) => view.at);
  const chosen = at ?? rows[0]?.id ?? null;
  return (
    <div className="list-and-one">
      <div className="list-side">
        {search}
        {rows.length === 0 && <Empty title={`No scan fits “${typed}”`} />}
        <ul className="list-rows" aria-label="Scans">
          {rows.map((row) => (
            <li key={row.id}>
              <button type="button" aria-current={row.id === chosen || undefined} onClick={() => desk.go("scans", row.id)}>
                <span className="list-line">
                  <strong className="cut" title={row.target}>
                    {nameOf(row, hosts)}
                  </strong>
                  <span className="faint small">
                    <RelativeTime at={row.started_at} />
                  </span>
                </span>
                <span className="in-line small">
                  <Outcome row={row} />
                  {row.urgent > 0 && <StateMark tone="failed" word={`${row.urgent} urgent`} title="Of critical severity, or known to be exploited" />}
                  {row.partial && <StateMark tone="partial" word="not whole" title="Some of the host could not be read" />}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </div>
      <section className="one-side" aria-label="The scan">
        {chosen && <ScanOf key={chosen} scan={chosen} />}
      </section>
    </div>
  );
}
