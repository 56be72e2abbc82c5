// What is known to be wrong with one package, and the update that closes it.
import { Failed, Link, Loading, Machine, Page, SeverityMark, StateMark } from "@luumen/kit";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { packagesHref } from "../packages/view";
import { Notes } from "./AreaNav";
import { ExportMenu } from "./ExportMenu";
import { FindingsList } from "./FindingsList";
import { FIXES_BASE, fixSentence } from "./fixes/view";
import { fixOfQuery } from "./queries";
import type { FindingsView } from "./view";
import { originWords } from "./words";

interface Props {
  name: string;
  view: FindingsView;
  onView: (next: FindingsView) => void;
}

export function PackagePage({ name, view, onView }: Props) {
  const pinned = useMemo(() => ({ package: name }), [name]);
  return (
    <Page
      fill
      title={name}
      heading={
        <span className="trail">
          <Link href="/vulnerabilities">Vulnerabilities</Link>
          <span aria-hidden>/</span>
          <Machine>{name}</Machine>
        </span>
      }
      state={originWords(name) ?? <Link href={packagesHref(name)}>Which hosts have it, and in which versions</Link>}
      actions={<ExportMenu view={view} pinned={pinned} />}
    >
      <Notes />
      <Update name={name} />
      <FindingsList view={view} onView={onView} pinned={pinned} />
    </Page>
  );
}

/** The update in a line; its details stand under Fixes. */
function Update({ name }: { name: string }) {
  const fix = useQuery(fixOfQuery(name));
  if (fix.isPending) return <Loading what="the fix" rows={1} />;
  if (fix.isError) return <Failed doing="load the fix" error={fix.error} onRetry={() => void fix.refetch()} />;
  if (!fix.data) return <p className="secondary">No published update would close anything of it.</p>;
  const { severity, kev_count } = fix.data;
  return (
    <p className="in-line">
      <strong>{fixSentence(fix.data)}</strong>
      <SeverityMark severity={severity} title="The worst of what it closes" />
      {kev_count > 0 && <StateMark tone="failed" word={`${kev_count} known to be exploited`} />}
      <Link href={`${FIXES_BASE}?${new URLSearchParams({ open: name })}`}>What to install</Link>
    </p>
  );
}
