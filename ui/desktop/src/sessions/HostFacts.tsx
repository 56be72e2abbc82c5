// What the last scan of a host saw, with how long ago that was.
import type { contract } from "@luumen/backend";
import { Empty, Loaded, Machine, Pair, RelativeTime, StateMark, Unknown } from "@luumen/kit";
import { useMemo } from "react";

import { useCall, useDesk } from "../desk/context";
import { factRows, type FactPart } from "./facts";

export function HostFacts({ host }: { host: contract.Id }) {
  const last = useCall("scan_last", { host });
  return (
    <section>
      <h2>Facts</h2>
      <Loaded from={last} what="the last scan" rows={6}>
        {(scan) => (scan ? <Facts scan={scan} /> : <NeverScanned />)}
      </Loaded>
    </section>
  );
}

function NeverScanned() {
  const desk = useDesk();
  return (
    <Empty
      title="Scan this host to see its facts"
      action={
        <button type="button" className="link" onClick={() => desk.panel.set("scan")}>
          To the scan
        </button>
      }
    >
      Its kernel, hardware, disks, updates and services are read by a scan, and kept on this device.
    </Empty>
  );
}

function Facts({ scan }: { scan: contract.Scan }) {
  const desk = useDesk();
  const rows = useMemo(() => factRows(scan), [scan]);
  return (
    <>
      <p className="in-line small secondary">
        <span>
          Seen by the scan of <RelativeTime at={scan.started_at} />
        </span>
        <button type="button" className="link" onClick={() => desk.panel.set("scan")}>
          Open it
        </button>
      </p>
      <dl>
        {rows.map(({ label, parts, gap }) => (
          <Pair key={label} label={label}>
            <span className="in-line">
              {parts.map((part, at) => (
                <Part key={at} part={part} />
              ))}
              {gap && <Unknown why={gap.why}>{gap.word}</Unknown>}
            </span>
          </Pair>
        ))}
      </dl>
    </>
  );
}

function Part({ part }: { part: FactPart }) {
  if ("word" in part) return <StateMark {...part} />;
  if ("machine" in part) return <Machine>{part.machine}</Machine>;
  if ("text" in part) return <span>{part.text}</span>;
  return (
    <span>
      {part.before} <RelativeTime at={part.at} />
    </span>
  );
}
