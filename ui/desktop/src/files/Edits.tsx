// Files of a host that are open in an editor here: where the copy is, and the question before a change goes to the host.
import type { contract } from "@luumen/backend";
import { CopyButton, describeFailure, Machine, notifyDone, useConfirm } from "@luumen/kit";
import { Button } from "@mantine/core";

import { useAttempt, useDesk, useDo } from "../desk/context";
import type { Edit } from "../desk/follow";
import { useStore, withEntry, withoutEntry } from "../desk/store";
import { openEditor } from "./useRemote";

/** The host's file is not the one that was opened any more. */
const CONFLICT = "LUM-EDIT-CONFLICT";

export function Edits() {
  const desk = useDesk();
  const edits = [...useStore(desk.follow.edits)];
  return edits.map(([id, edit]) => <Row key={id} id={id} edit={edit} />);
}

function Row({ id, edit }: { id: contract.Id; edit: Edit }) {
  const desk = useDesk();
  const act = useDo();
  const confirm = useConfirm();
  const { attempt, busy, error, clear } = useAttempt();
  const set = (change: Partial<Edit>) => desk.follow.edits.set((edits) => withEntry(edits, id, { ...(edits.get(id) ?? edit), ...change }));
  const upload = async (overwrite: boolean) => {
    // What is saved while this one is on its way is a change of its own.
    set({ changed: false, asks: false });
    const done = await attempt(() => desk.backend.call("edit_upload", { edit: id, overwrite }));
    if (done) notifyDone(`Uploaded ${edit.path}`);
    else set({ changed: true });
  };
  const stop = async () => {
    const sure =
      !edit.changed ||
      (await confirm({ title: "Delete the changed copy?", body: `Your change of ${edit.path} was not uploaded. It is deleted with the copy.`, action: "Delete the copy" }));
    if (!sure || !(await act("stop watching", "edit_close", { edit: id }))) return;
    desk.follow.edits.set((edits) => withoutEntry(edits, id));
  };
  const later = () => {
    clear();
    set({ asks: false });
  };
  const failure = error === null ? null : describeFailure(error);
  const asks = edit.asks || failure !== null;
  return (
    <div className="edit" data-asks={asks || undefined} role={asks ? "alert" : undefined}>
      <p>
        <strong className="machine">{edit.path}</strong> {edit.changed ? "was changed on this device" : "is watched for changes"}
        {edit.local && (
          <>
            {": "}
            <Machine>{edit.local}</Machine>
            <CopyButton text={edit.local} label="Copy where the copy is" />
          </>
        )}
      </p>
      {failure && (
        <p className="secondary">
          {failure.title}
          {failure.detail && `: ${failure.detail}`}. {failure.nextStep} <span className="machine faint">{failure.code}</span>
        </p>
      )}
      <div className="conflict-actions">
        {edit.changed && failure?.code !== CONFLICT && (
          <Button size="compact-xs" variant={asks ? "filled" : "default"} loading={busy} onClick={() => void upload(false)}>
            Upload the change
          </Button>
        )}
        {failure?.code === CONFLICT && (
          <Button size="compact-xs" variant="default" className="danger" loading={busy} onClick={() => void upload(true)}>
            Overwrite the host's file
          </Button>
        )}
        {desk.backend.openEdit && (
          <Button size="compact-xs" variant="default" onClick={() => void openEditor(desk.backend, id)}>
            Open in the editor
          </Button>
        )}
        {asks && (
          <Button size="compact-xs" variant="default" onClick={later}>
            Not now
          </Button>
        )}
        <Button size="compact-xs" variant="subtle" onClick={() => void stop()}>
          Stop watching
        </Button>
      </div>
    </div>
  );
}
