// The vulnerabilities of one host, seated among its tabs.
import { HostVulnerabilities } from "../vulnerabilities/host/HostVulnerabilities";
import { readHostVulnerabilities } from "../vulnerabilities/host/view";
import "../vulnerabilities/vulnerabilities.css";
import type { HostView } from "./hostView";

export function VulnerabilitiesTab({ id, view, onView }: { id: string; view: HostView; onView: (next: HostView) => void }) {
  const findings = view.findings ?? readHostVulnerabilities({});
  return (
    <HostVulnerabilities
      host={id}
      view={{ q: view.q, ...findings }}
      onView={({ q, ...next }) => onView({ ...view, q, findings: next })}
    />
  );
}
