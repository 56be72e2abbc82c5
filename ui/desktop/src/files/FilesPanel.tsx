// The files of a session's host in the panel beside its terminal.
import type { contract } from "@luumen/backend";
import { Failed, Loading } from "@luumen/kit";
import { Button } from "@mantine/core";

import { useCall, useDesk } from "../desk/context";
import { AskDialog } from "./AskDialog";
import { FileList } from "./FileList";
import { Queue } from "./Queue";
import { useFiles, type Opened } from "./useFiles";
import { remoteMenu, useRemote } from "./useRemote";

export function FilesPanel({ session }: { session: contract.Session }) {
  return (
    <div className="files-panel">
      {/* What is chosen and asked is about this host. What is on its way is of all hosts, and stays where it is. */}
      <OfSession key={session.id} session={session} />
      <Queue />
    </div>
  );
}

function OfSession({ session }: { session: contract.Session }) {
  const opened = useFiles(session);
  if (opened.error) return <Failed doing="open the files" error={opened.error} onRetry={() => void opened.refetch()} />;
  if (!opened.data) return <Loading what="the files" rows={6} />;
  return <Side session={session} opened={opened.data} />;
}

function Side({ session, opened }: { session: contract.Session; opened: Opened }) {
  const desk = useDesk();
  const remote = useRemote(session, opened);
  const home = useCall("local_list", {}).data?.path ?? "";
  return (
    <>
      <FileList
        compact
        label={session.title}
        side="remote"
        path={remote.path}
        listing={remote.listing}
        onGo={remote.setPath}
        onOpen={(entry) => void remote.edit(entry)}
        onDrop={(paths) => void remote.upload(paths, remote.path)}
        menu={(chosen) => remoteMenu(remote, chosen, home)}
        tools={() => (
          <Button size="compact-xs" variant="default" onClick={() => desk.go("files")}>
            Both sides
          </Button>
        )}
      />
      <AskDialog remote={remote} />
    </>
  );
}
