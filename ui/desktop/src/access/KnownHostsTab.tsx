// Host keys that we trust, as they stand in known_hosts, which OpenSSH on this device shares.
import type { contract } from "@luumen/backend";
import { Empty, Loaded, Machine, Panel, PlainTable, useConfirm } from "@luumen/kit";
import { Button } from "@mantine/core";

import { useCall, useDo, useReadAgain } from "../desk/context";
import { SearchLine, useSearch } from "./SearchLine";

/** What the workbench says of a name that stands in the file as a hash only. */
const isHidden = (host: string) => host === "(hashed)";

export function KnownHostsTab() {
  const known = useCall("known_hosts_list", {});
  const act = useDo();
  const readAgain = useReadAgain();
  const confirm = useConfirm();
  const search = useSearch((entry: contract.KnownHostLine) => [entry.host, entry.algorithm, entry.fingerprint, entry.file]);
  const remove = async ({ host, algorithm, file, line, digest }: contract.KnownHostLine) => {
    const sure = await confirm({
      title: `Forget the key of ${isHidden(host) ? "a hidden name" : host}?`,
      body: `The ${algorithm} key in line ${line} of ${file} is taken out, and no other. The next connection asks as for a new host; so does OpenSSH.`,
      action: "Forget it",
    });
    if (sure && (await act("forget the host key", "known_host_remove", { file, line, digest }))) readAgain("known_hosts_list");
  };
  return (
    <Loaded from={known} what="the known hosts" rows={6}>
      {(all) =>
        all.length === 0 ? (
          <Panel>
            <Empty title="No host is known yet">The key of a host is kept when you trust it for the first time. The file is shared with OpenSSH.</Empty>
          </Panel>
        ) : (
          <Panel flush title="Known hosts" note="Shared with OpenSSH on this device">
            <SearchLine search={search} label="Search the known hosts" />
            {search.of(all).length === 0 ? (
              <Empty title={`No known host fits “${search.typed}”`} />
            ) : (
              <PlainTable
                label="Known hosts"
                rows={search.of(all)}
                rowId={({ file, line }) => `${file}:${line}`}
                cut={100}
                columns={[
                  { id: "host", title: "Host", cell: ({ host }) => (isHidden(host) ? <span className="faint" title={host}>hidden name (hashed)</span> : <Machine>{host}</Machine>) },
                  { id: "algorithm", title: "Algorithm", cell: ({ algorithm }) => <Machine>{algorithm}</Machine> },
                  { id: "fingerprint", title: "Fingerprint", cell: ({ fingerprint }) => <Machine>{fingerprint}</Machine> },
                  { id: "where", title: "Where", cell: ({ file, line }) => <span className="faint">{`${file}, line ${line}`}</span> },
                  {
                    id: "actions",
                    title: "Actions",
                    align: "end",
                    cell: (entry) => (
                      <Button size="compact-xs" variant="subtle" aria-label={`Forget ${entry.host}`} onClick={() => void remove(entry)}>
                        Forget
                      </Button>
                    ),
                  },
                ]}
              />
            )}
          </Panel>
        )
      }
    </Loaded>
  );
}
