// One update: what to install where, and what it closes.
import type { Fix, FixTarget } from "@luumen/api-client";
import { Count, Link, Machine, PlainTable, SeverityMark, StateMark, type PlainColumn } from "@luumen/kit";

import { ChannelMark } from "../parts";
import { vulnerabilityHref } from "../view";
import { fixSentence } from "./view";

const TARGET_COLUMNS: PlainColumn<FixTarget>[] = [
  { id: "platform", title: "On", cell: ({ platform }) => <Machine>{platform}</Machine> },
  { id: "version", title: "Install", cell: ({ fixed_version }) => <Machine>{fixed_version}</Machine> },
  {
    id: "channel",
    title: "From",
    cell: ({ channel, platform }) => (channel ? <ChannelMark channel={channel} platform={platform} /> : "the release's own updates"),
  },
  { id: "hosts", title: "Hosts", align: "end", cell: ({ host_count }) => <Count value={host_count} /> },
  { id: "closes", title: "Closes", align: "end", cell: ({ vulnerability_count }) => <Count value={vulnerability_count} /> },
];

export function FixDetails({ fix }: { fix: Fix }) {
  const rest = fix.vulnerability_count - fix.vulnerabilities.length;
  return (
    <>
      <p className="in-line">
        <strong>{fixSentence(fix)}</strong>
        <SeverityMark severity={fix.severity} title="The worst of what it closes" />
        {fix.kev_count > 0 && <StateMark tone="failed" word={`${fix.kev_count} known to be exploited`} />}
      </p>
      <PlainTable label="What to install" columns={TARGET_COLUMNS} rows={fix.targets} rowId={({ platform, channel }) => `${platform} ${channel ?? ""}`} />
      <p className="id-list">
        Closes{" "}
        {fix.vulnerabilities.map((id) => (
          <Link key={id} href={vulnerabilityHref(id)} className="machine">
            {id}
          </Link>
        ))}
        {rest > 0 && <span className="faint">and {rest} more</span>}
      </p>
    </>
  );
}
