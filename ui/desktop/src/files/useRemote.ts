// The remote side of a files connection: the folder that is shown, and everything that can be done in it.
import type { Backend, contract } from "@luumen/backend";
import { notifyDone, notifyFailed, plural, useConfirm, type MenuEntry } from "@luumen/kit";
import { useMemo, useState } from "react";

import { useCall, useDesk, useDo, useReadAgain } from "../desk/context";
import type { Chosen } from "./FileList";
import { joined } from "./paths";
import type { Opened } from "./useFiles";
import { useFolder } from "./useFolder";

export type Asking = { kind: "folder" } | { kind: "rename"; entry: contract.Entry } | { kind: "rights"; entries: contract.Entry[] } | { kind: "link"; entry: contract.Entry };

/** Says it when there is no editor to start; the copy is watched all the same. */
export async function openEditor(backend: Backend, edit: contract.Id): Promise<void> {
  try {
    await backend.openEdit?.(edit);
  } catch (error) {
    notifyFailed("start the text editor", error);
  }
}

export function useRemote({ id, title, environment }: contract.Session, { files, home }: Opened) {
  const desk = useDesk();
  const [path = home, setPath] = useFolder(id, "remote");
  const [asking, setAsking] = useState<Asking | null>(null);
  const listing = useCall("files_list", { files, path });
  const act = useDo();
  const readAgain = useReadAgain();
  const confirm = useConfirm();
  const operations = useMemo(
    () => ({
      download: async (entries: readonly contract.Entry[], to: string) => {
        await act("download", "transfer_add", { files, direction: "download", from: entries.map((entry) => entry.path), to, on_conflict: "ask" });
      },
      upload: async (from: string[], to: string) => {
        await act("upload", "transfer_add", { files, direction: "upload", from, to, on_conflict: "ask" });
      },
      edit: async (entry: contract.Entry) => {
        const done = await act("open the file", "edit_open", { files, path: entry.path });
        if (!done) return;
        desk.follow.editing(done.answer);
        if (desk.backend.openEdit) return void openEditor(desk.backend, done.answer.edit);
        notifyDone(`A copy of ${entry.name} is at ${done.answer.local_path}. You are asked before a change goes to the host`);
      },
      remove: async (entries: readonly contract.Entry[]) => {
        const folders = entries.filter(({ kind }) => kind === "directory").length;
        const sure = await confirm({
          title: `Delete ${entries.length === 1 ? entries[0]?.name : plural(entries.length, "entry", "entries")} on ${title}?`,
          body: `${environment === "production" ? `${title} is production. ` : ""}${folders > 0 ? "Folders are deleted with all that is in them. " : ""}This cannot be taken back.`,
          action: environment === "production" ? "Delete in production" : "Delete on the host",
        });
        if (sure) await act("delete", "files_delete", { files, paths: entries.map((entry) => entry.path) });
        readAgain("files_list");
      },
      answer: async (given: Asking, text: string, recursive: boolean, mode: number | null) => {
        if (given.kind === "folder") await act("make the folder", "files_mkdir", { files, path: joined(path, text) });
        if (given.kind === "rename") await act("rename", "files_rename", { files, from: given.entry.path, to: joined(path, text) });
        if (given.kind === "link") await act("make the link", "files_link", { files, path: joined(path, text), to: given.entry.path });
        if (given.kind === "rights" && mode !== null) {
          for (const entry of given.entries) await act(`change the rights of ${entry.name}`, "files_chmod", { files, path: entry.path, mode, recursive });
        }
        readAgain("files_list");
      },
    }),
    [desk, title, environment, files, path, act, readAgain, confirm],
  );
  return { path, setPath, listing, asking, setAsking, ...operations };
}

export type Remote = ReturnType<typeof useRemote>;

/** The menu over remote files; `to` is where downloads go. */
export function remoteMenu(remote: Remote, { entries }: Chosen, to: string): MenuEntry[] {
  const [one] = entries;
  const single = entries.length === 1 && one !== undefined;
  return [
    { label: "Download", disabled: entries.length === 0, run: () => void remote.download(entries, to) },
    { label: "Edit on this device", disabled: !single || one.kind === "directory", run: () => single && void remote.edit(one) },
    "-",
    { label: "New folder…", run: () => remote.setAsking({ kind: "folder" }) },
    { label: "Rename…", disabled: !single, run: () => single && remote.setAsking({ kind: "rename", entry: one }) },
    { label: "Rights…", disabled: entries.length === 0, run: () => remote.setAsking({ kind: "rights", entries }) },
    { label: "Link to it…", disabled: !single, run: () => single && remote.setAsking({ kind: "link", entry: one }) },
    "-",
    { label: "Delete…", disabled: entries.length === 0, run: () => void remote.remove(entries) },
  ];
}
