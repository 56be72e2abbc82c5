// The scan of the host of a session: start, progress, and what came out, in the panel beside the terminal.
import type { contract } from "@luumen/backend";
import { Empty, Failed, Loading } from "@luumen/kit";
import { Button, Progress } from "@mantine/core";
import { IconShieldSearch } from "@tabler/icons-react";

import { useCall, useDesk, useDo } from "../desk/context";
import { useStore } from "../desk/store";
import { useInterval } from "../desk/useInterval";
import { startScan } from "../shell/useActions";
import { ScanResult } from "./ScanResult";
import { sectionName } from "./findings";

export function ScanPanel({ session, host: chosen }: { session: contract.Session | null; host: contract.Id | null }) {
  const desk = useDesk();
  const started = useStore(desk.follow.scanOf, (scans) => (session ? scans.get(session.id) : undefined));
  // What was typed may be a kept host, and a place that is not kept has scans of its own.
  const host = chosen ?? session?.host ?? null;
  const target = session?.target ?? "";
  const last = useCall("scan_last", host === null ? { target } : { host }, host !== null || target !== "");
  const scan = started ?? last.data?.id ?? null;
  return (
    <div className="side-body">
      <StartButton session={session} again={scan !== null} />
      {scan ? (
        <ScanOf key={scan} scan={scan} />
      ) : last.isLoading ? (
        <Loading what="the last scan" rows={4} />
      ) : last.error ? (
        <Failed doing="read the last scan" error={last.error} onRetry={() => void last.refetch()} />
      ) : (
        <Empty title="Never scanned">
          A scan reads what is installed and how the host is set up, with commands that only read, over a channel of its own. It compares that with the
          catalogue on this device; nothing leaves it.
        </Empty>
      )}
    </div>
  );
}

function StartButton({ session, again }: { session: contract.Session | null; again: boolean }) {
  const desk = useDesk();
  const running = useStore(desk.follow.scans);
  const mine = useStore(desk.follow.scanOf, (scans) => (session ? scans.get(session.id) : undefined));
  const open = session?.state === "open";
  if (mine && running.has(mine)) return null;
  return (
    <div className="side-line">
      <Button
        size="xs"
        leftSection={<IconShieldSearch size={15} aria-hidden />}
        disabled={!open}
        onClick={() => {
          const pane = session && desk.panesOfSession(session.id)[0];
          if (pane) startScan(desk, pane);
        }}
      >
        {again ? "Scan again" : "Scan this host"}
      </Button>
      {!open && <span className="faint small">Connect first</span>}
    </div>
  );
}

const POLL_MS = 2000;

/** A scan that runs or has ended. */
export function ScanOf({ scan: id }: { scan: contract.Id }) {
  const desk = useDesk();
  const act = useDo();
  const progress = useStore(desk.follow.scans, (scans) => scans.get(id));
  const scan = useCall("scan_get", { scan: id });
  if (scan.data && scan.data.state !== "running") return <ScanResult scan={scan.data} />;
  if (scan.error) return <Failed doing="read the scan" error={scan.error} onRetry={() => void scan.refetch()} />;
  if (!scan.data && !progress) return <Loading what="the scan" rows={4} />;
  const { done = 0, total = 0, section = "" } = progress ?? {};
  return (
    <div className="scan-running" role="status">
      <p>
        Reading the host{section && `: ${sectionName(section)}`} <span className="faint number">{total > 0 && `${done} of ${total}`}</span>
      </p>
      <Progress value={total > 0 ? (done / total) * 100 : 0} aria-label="Progress of the scan" transitionDuration={0} />
      <Button size="xs" variant="default" onClick={() => void act("cancel the scan", "scan_cancel", { scan: id })}>
        Cancel
      </Button>
      <Refresh every={POLL_MS} run={() => void scan.refetch()} />
    </div>
  );
}

/** Looks again now and then: an event that was missed must not leave a scan running for ever. */
function Refresh({ every, run }: { every: number; run: () => void }) {
  useInterval(run, every);
  return null;
}
