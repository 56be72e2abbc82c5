// The vulnerabilities of one host, seated among its tabs.
import { StateMark } from "@luumen/kit";

import { HostVulnerabilities } from "../vulnerabilities/host/HostVulnerabilities";
import { readHostVulnerabilities } from "../vulnerabilities/host/view";
import "../vulnerabilities/vulnerabilities.css";
import type { HostView } from "./hostView";

export function VulnerabilitiesTab({ id, view, onView }: { id: string; view: HostView; onView: (next: HostView) => void }) {
  const findings = view.findings ?? readHostVulnerabilities({});
  const past = view.snapshot !== null || view.asOf !== null;
  return (
    <>
      {past && (
        <div className="trouble" data-tone="stale" role="status">
          <StateMark tone="stale" word="These are the vulnerabilities of now" />
          <p>
            What a host had at an earlier visit is not kept; packages and facts are shown as of then.{" "}
            <button type="button" className="link" onClick={() => onView({ ...view, snapshot: null, asOf: null })}>
              Leave the past
            </button>
          </p>
        </div>
      )}
      <HostVulnerabilities
        host={id}
        view={{ q: view.q, ...findings }}
        onView={({ q, ...next }) => onView({ ...view, q, findings: next })}
      />
    </>
  );
}
