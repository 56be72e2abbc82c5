// Everything that anyone says of a vulnerability, so that we can be checked.
import type { Claim, VulnerabilityPage } from "@luumen/api-client";
import { Empty, FilterInput, Machine, Panel, PlainTable, plural, SeverityMark, StateMark, type PlainColumn } from "@luumen/kit";
import { Button } from "@mantine/core";
import { useMemo } from "react";

import { AUTHORITIES, STATUSES } from "../words";

const SHOWN = 50;

/** `< 3.0.15`, `≥ 1.1 and < 1.3`; nothing when the claim names no version. */
export function rangeWords({ introduced, fixed, last_affected }: Pick<Claim, "introduced" | "fixed" | "last_affected">): string | null {
  const parts = [introduced && `≥ ${introduced}`, fixed && `< ${fixed}`, last_affected && `≤ ${last_affected}`].filter(Boolean);
  return parts.join(" and ") || null;
}

/** `debian/12`, with the channel behind it. */
export function placeWords({ platform, channel, module }: Pick<Claim, "platform" | "channel" | "module">): string {
  const place = platform.release ? `${platform.family}/${platform.release}` : platform.family || "any platform";
  return [place, channel, module].filter(Boolean).join(" ");
}

const COLUMNS: PlainColumn<Claim>[] = [
  { id: "source", title: "Source", cell: ({ source, authority }) => <span title={AUTHORITIES[authority]}><Machine>{source}</Machine></span> },
  { id: "place", title: "Where", cell: (claim) => <Machine>{placeWords(claim)}</Machine> },
  { id: "package", title: "Package", cell: ({ package: name, package_kind }) => <Machine title={`${package_kind} package`}>{name}</Machine> },
  { id: "status", title: "Says", cell: ({ status }) => STATUSES[status] },
  {
    id: "range",
    title: "Vulnerable versions",
    cell: (claim) => {
      const words = rangeWords(claim);
      return words ? <Machine>{words}</Machine> : <span className="faint">names none</span>;
    },
  },
  { id: "advisory", title: "Advisory", cell: ({ advisory }) => (advisory ? <Machine>{advisory}</Machine> : <span className="faint">none</span>) },
  { id: "severity", title: "Severity", cell: ({ severity }) => (severity ? <SeverityMark severity={severity} /> : <span className="faint">not said</span>) },
  { id: "note", title: "In its words", cell: ({ note }) => note ?? <span className="faint">nothing more</span> },
];

export function Claims({
  page,
  shown,
  onShown,
  find,
  onFind,
}: {
  page: VulnerabilityPage;
  shown: boolean;
  onShown: (shown: boolean) => void;
  find: string;
  onFind: (find: string) => void;
}) {
  const { claims, other_claim_count, claims_truncated } = page;
  return (
    <Panel
      title="All claims of all sources"
      note={plural(claims.length, "claim")}
      flush={shown}
      actions={
        <Button size="xs" variant="default" aria-expanded={shown} onClick={() => onShown(!shown)}>
          {shown ? "Hide" : "Show"}
        </Button>
      }
    >
      {shown && <Table claims={claims} typed={find} onTyped={onFind} />}
      <p className="secondary panel-words">
        {other_claim_count > 0 && `${plural(other_claim_count, "claim")} on platforms that no host here has ${other_claim_count === 1 ? "is" : "are"} left out. `}
        {claims_truncated && <StateMark tone="partial" word="Cut at 1,000 claims" />}
        {!shown && claims.length === 0 && "No source claims anything for the platforms of this workspace."}
      </p>
    </Panel>
  );
}

function Table({ claims, typed, onTyped }: { claims: Claim[]; typed: string; onTyped: (typed: string) => void }) {
  const found = useMemo(() => {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    return claims.filter((claim) => {
      const text = [claim.source, placeWords(claim), claim.package, STATUSES[claim.status], claim.advisory, claim.note].join(" ").toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }, [claims, typed]);
  if (claims.length === 0) return <Empty title="No claim for the platforms of this workspace" />;
  return (
    <>
      <div className="filter-line panel-words">
        <FilterInput
          label="Search the claims"
          placeholder="Source, platform, package, status or advisory"
          value={typed}
          onChange={onTyped}
          slash={false}
        />
      </div>
      {found.length > 0 ? (
        <PlainTable label="Claims" cut={SHOWN} columns={COLUMNS} rows={found} rowId={(_, index) => String(index)} />
      ) : (
        <Empty title={`No claim matches “${typed}”`} />
      )}
    </>
  );
}
