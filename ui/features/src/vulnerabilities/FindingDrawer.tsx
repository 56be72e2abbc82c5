// One row of the list beside it: what it is, why we say so, where it is.
import type { Finding, PackageFinding, VulnerabilityPage } from "@luumen/api-client";
import { Empty, exactWords, Link, Loaded, Machine, Pair, useGo } from "@luumen/kit";
import { Button, Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { useMay } from "../session";
import { Epss, ExploitedMark, FixSentence, Rating } from "./parts";
import { vulnerabilityQuery } from "./queries";
import { packageFindingsHref, vulnerabilityHref, type FindingKey } from "./view";
import { WhyCards } from "./Why";
import { daysWords, hostsWords } from "./words";

interface Props {
  finding: FindingKey | null;
  onClose: () => void;
  onExcept: (finding: Finding) => void;
}

export function FindingDrawer({ finding, onClose, onExcept }: Props) {
  return (
    <Drawer
      opened={finding !== null}
      onClose={onClose}
      size="xl"
      title={finding && `${finding.vulnerability} in ${finding.package}`}
    >
      {finding && <Body key={finding.vulnerability} finding={finding} onExcept={onExcept} />}
    </Drawer>
  );
}

function Body({ finding, onExcept }: { finding: FindingKey; onExcept: (finding: Finding) => void }) {
  const page = useQuery(vulnerabilityQuery(finding.vulnerability));
  return (
    <Loaded from={page} what="the vulnerability" rows={8}>
      {(data) => {
        const found = data.packages.find((each) => each.finding.package === finding.package);
        return found ? (
          <Found page={data} found={found} onExcept={onExcept} />
        ) : (
          <Empty
            title={`No host has or had it in ${finding.package}`}
            action={<Link href={vulnerabilityHref(finding.vulnerability)}>Open the page of {finding.vulnerability}</Link>}
          >
            It may have been in the list before hosts were deleted.
          </Empty>
        );
      }}
    </Loaded>
  );
}

function Found({
  page,
  found: { finding, variants },
  onExcept,
}: {
  page: VulnerabilityPage;
  found: PackageFinding;
  onExcept: (finding: Finding) => void;
}) {
  const mayExcept = useMay("write_exceptions");
  const go = useGo();
  return (
    <div className="drawer-stack">
      {finding.title && <p className="secondary">{finding.title}</p>}
      <p className="in-line">
        <Rating {...finding} />
        {finding.kev_added_at && <ExploitedMark since={finding.kev_added_at} ransomware={finding.ransomware} />}
        <FixSentence {...finding} />
      </p>
      <dl>
        <Pair label="Hosts">{hostsWords(finding)}</Pair>
        <Pair label="Open for">
          <span title={`First seen ${exactWords(new Date(finding.first_opened_at))}`}>{daysWords(finding.days_open)}</span>
        </Pair>
        <Pair label="EPSS">
          <Epss probability={finding.epss} />
        </Pair>
        <Pair label="Package">
          <Link href={packageFindingsHref(finding.package)}>
            <Machine>{finding.package}</Machine>
          </Link>
        </Pair>
      </dl>
      <div className="drawer-actions">
        <Button size="xs" variant="default" onClick={() => go(vulnerabilityHref(page.id))}>
          Open the page
        </Button>
        {mayExcept && (
          <Button size="xs" variant="default" onClick={() => onExcept(finding)}>
            Except…
          </Button>
        )}
      </div>
      <h3>Why we say so</h3>
      <WhyCards variants={variants} />
    </div>
  );
}
