// Vulnerabilities of the fleet: what is open, where, how bad, and what can be done.
import { Page, RelativeTime } from "@luumen/kit";
import { useQuery } from "@tanstack/react-query";

import { AreaNav, Notes } from "./AreaNav";
import { ExportMenu } from "./ExportMenu";
import { FindingsList } from "./FindingsList";
import { summaryQuery } from "./queries";
import type { FindingsView } from "./view";
import { stateSentence } from "./words";

export function VulnerabilitiesPage({ view, onView }: { view: FindingsView; onView: (next: FindingsView) => void }) {
  return (
    <Page fill title="Vulnerabilities" state={<HowThingsStand />} actions={<ExportMenu view={view} />}>
      <AreaNav current="list" />
      <Notes />
      <FindingsList view={view} onView={onView} />
    </Page>
  );
}

function HowThingsStand() {
  const summary = useQuery(summaryQuery);
  if (!summary.data) return <> </>;
  const { assessed_at } = summary.data;
  return (
    <>
      {stateSentence(summary.data)}
      {assessed_at && (
        <span className="faint">
          {" · judged "}
          <RelativeTime at={assessed_at} />
        </span>
      )}
    </>
  );
}
