// Files of this device on the left, of a host on the right, and what goes between them below.
import type { contract } from "@luumen/backend";
import { Empty, Failed, Loading } from "@luumen/kit";
import { Button, Select } from "@mantine/core";
import { IconArrowLeft, IconArrowRight, IconFolderPlus } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { useCall, useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { useActiveSession } from "../shell/StatusBar";
import { AskDialog } from "./AskDialog";
import { FileList, type Chosen } from "./FileList";
import { NotConnected } from "./NotConnected";
import { Queue } from "./Queue";
import { keptOf, shownNow, type Kept } from "./shown";
import { useFiles, type Opened } from "./useFiles";
import { useFolder } from "./useFolder";
import { remoteMenu, useRemote } from "./useRemote";

export function FilesPage() {
  const desk = useDesk();
  const active = useActiveSession();
  const all = useStore(desk.follow.sessions);
  const panes = useStore(desk.layout, (layout) => layout.panes);
  const [kept, setKept] = useState<Kept | null>(null);
  const open = [...all.values()].filter(({ state }) => state === "open");
  const session = kept ? shownNow(kept, all, panes) : (open.find(({ id }) => id === active?.id) ?? open[0] ?? null);
  useEffect(() => {
    if (session?.state === "open" && session.id !== kept?.session.id) setKept(keptOf(session, panes));
  }, [session, kept, panes]);
  const shown = session && session.state !== "open" ? [session, ...open] : open;
  return (
    <main className="page" data-fill id="main" tabIndex={-1}>
      <header className="page-head">
        <div className="page-name">
          <h1>Files</h1>
          <p className="page-state">On a connection of their own, so that the shell never waits for them</p>
        </div>
        {shown.length > 1 && (
          <Select
            size="xs"
            aria-label="Host"
            allowDeselect={false}
            comboboxProps={{ transitionProps: { duration: 0 } }}
            data={shown.map(({ id, title, state }) => ({ value: id, label: state === "open" ? title : `${title} (not connected)` }))}
            value={session?.id ?? null}
            onChange={(id) => {
              const chosen = open.find((each) => each.id === id);
              if (chosen) setKept(keptOf(chosen, panes));
            }}
          />
        )}
      </header>
      {session?.state === "open" ? (
        <OfSession key={session.id} session={session} />
      ) : session ? (
        <NotConnected session={session} pane={kept?.pane ?? null} />
      ) : (
        <Empty
          title="No host is connected"
          action={
            <Button size="xs" onClick={() => desk.palette.set("")}>
              Connect to a host
            </Button>
          }
        >
          Files are browsed over a session that is open.
        </Empty>
      )}
      <Queue />
    </main>
  );
}

function OfSession({ session }: { session: contract.Session }) {
  const opened = useFiles(session);
  if (opened.error) return <Failed doing={`open the files of ${session.title}`} error={opened.error} onRetry={() => void opened.refetch()} />;
  if (!opened.data) return <Loading what={`the files of ${session.title}`} rows={8} />;
  return <Sides session={session} opened={opened.data} />;
}

function Sides({ session, opened }: { session: contract.Session; opened: Opened }) {
  const remote = useRemote(session, opened);
  const [local, setLocal] = useFolder(session.id, "local");
  const here = useCall("local_list", local === undefined ? {} : { path: local });
  const herePath = local ?? here.data?.path ?? "";
  const upload = (paths: string[]) => void remote.upload(paths, remote.path);
  const download = (paths: string[]) => void remote.download((remote.listing.data?.entries ?? []).filter(({ path }) => paths.includes(path)), herePath);
  return (
    <div className="files-sides">
      <FileList
        label="This device"
        side="local"
        path={herePath}
        listing={here}
        onGo={setLocal}
        onOpen={({ path }) => upload([path])}
        onDrop={download}
        menu={({ entries }) => [{ label: "Upload", disabled: entries.length === 0, run: () => upload(entries.map(({ path }) => path)) }]}
        tools={(chosen) => <SendButton chosen={chosen} word="Upload" onSend={() => upload(chosen.entries.map(({ path }) => path))} />}
      />
      <FileList
        label={session.title}
        side="remote"
        path={remote.path}
        listing={remote.listing}
        onGo={remote.setPath}
        onOpen={(entry) => void remote.edit(entry)}
        onDrop={upload}
        menu={(chosen) => remoteMenu(remote, chosen, herePath)}
        tools={(chosen) => (
          <>
            <SendButton chosen={chosen} word="Download" onSend={() => void remote.download(chosen.entries, herePath)} />
            <Button size="compact-xs" variant="default" leftSection={<IconFolderPlus size={14} aria-hidden />} onClick={() => remote.setAsking({ kind: "folder" })}>
              New folder
            </Button>
          </>
        )}
      />
      <AskDialog remote={remote} />
    </div>
  );
}

function SendButton({ chosen, word, onSend }: { chosen: Chosen; word: "Upload" | "Download"; onSend: () => void }) {
  const Arrow = word === "Upload" ? IconArrowRight : IconArrowLeft;
  const count = chosen.entries.length;
  return (
    <Button
      size="compact-xs"
      variant="default"
      disabled={count === 0}
      leftSection={<Arrow size={14} aria-hidden />}
      onClick={() => {
        onSend();
        chosen.clear();
      }}
    >
      {word}
      {count > 0 && ` ${count}`}
    </Button>
  );
}
