// What is known to be wrong with one package, and the update that closes it.
import { Failed, Link, Loading, Machine, Page, Panel } from "@luumen/kit";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { packagesHref } from "../packages/view";
import { Notes } from "./AreaNav";
import { ExportMenu } from "./ExportMenu";
import { FindingsList } from "./FindingsList";
import { FixDetails } from "./fixes/FixDetails";
import { fixOfQuery } from "./queries";
import type { FindingsView } from "./view";

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
      state={<Link href={packagesHref(name)}>Which hosts have it, and in which versions</Link>}
      actions={<ExportMenu view={view} pinned={pinned} />}
    >
      <Notes />
      <Update name={name} />
      <FindingsList view={view} onView={onView} pinned={pinned} />
    </Page>
  );
}

function Update({ name }: { name: string }) {
  const fix = useQuery(fixOfQuery(name));
  if (fix.isPending) return <Loading what="the fix" rows={2} />;
  if (fix.isError) return <Failed doing="load the fix" error={fix.error} onRetry={() => void fix.refetch()} />;
  return <Panel>{fix.data ? <FixDetails fix={fix.data} /> : <p className="secondary panel-words">No published update would close anything of it.</p>}</Panel>;
}
