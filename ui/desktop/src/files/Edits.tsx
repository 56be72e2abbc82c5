// Files of a host that are open in an editor here: where the copy is, and the question before a change goes to the host. Changes that an
// earlier start left are among them until they are sent, saved as a file or thrown away.
import type { contract } from "@luumen/backend";
import { CopyButton, describeFailure, Machine, notifyDone, RelativeTime, useConfirm } from "@luumen/kit";
import { Button } from "@mantine/core";
import { useState } from "react";

import { useDesk, useDo } from "../desk/context";
import type { Edit } from "../desk/follow";
import { hasCode } from "../desk/problem";
import { useStore, withoutEntry } from "../desk/store";
import { CONFLICT, sessionFor, upload } from "./edits";
import { SaveEdit } from "./SaveEdit";
import { openEditor } from "./useRemote";

export function Edits() {
  const desk = useDesk();
  const edits = [...useStore(desk.follow.edits).values()];
  const left = edits.filter(({ session }) => session === null);
  const open = edits.filter(({ session }) => session !== null);
  return (
    <>
      {left.length > 0 && (
        <section aria-label="Unsent changes">
          <header className="queue-head">
            <h2>Unsent changes</h2>
            <span className="faint">Kept from when Luumen was open before; their hosts do not have them</span>
          </header>
          {left.map((edit) => (
            <Row key={edit.edit} edit={edit} />
          ))}
        </section>
      )}
      {open.map((edit) => (
        <Row key={edit.edit} edit={edit} />
      ))}
    </>
  );
}

function Row({ edit }: { edit: Edit }) {
  const desk = useDesk();
  const act = useDo();
  const confirm = useConfirm();
  const sessions = useStore(desk.follow.sessions);
  const [saving, setSaving] = useState(false);
  const { edit: id, changed, sending, error } = edit;
  const connected = sessionFor(sessions.values(), edit)?.state === "open";
  const send = async (overwrite: boolean) => {
    if (await upload(desk, id, overwrite)) notifyDone(`Uploaded ${edit.path} to ${edit.title}`);
    // Connecting for it led to its terminal; what there is to decide stands here.
    else if (desk.follow.edits.get().get(id)?.error && desk.panel.get() !== "files") desk.go("files");
  };
  const stop = async () => {
    const sure =
      !changed ||
      (await confirm({ title: "Throw the change away?", body: `Your change of ${edit.path} is not on ${edit.title}. It is deleted with the copy, and cannot be brought back.`, action: "Throw it away" }));
    if (!sure || !(await act("delete the copy", "edit_close", { edit: id }))) return;
    desk.follow.edits.set((edits) => withoutEntry(edits, id));
  };
  const later = () => desk.follow.setEdit(id, { asks: false, error: null });
  const conflict = hasCode(error, CONFLICT);
  const asks = edit.asks || error !== null;
  return (
    <div className="edit" data-asks={asks || undefined} role={asks ? "alert" : undefined}>
      <Words edit={edit} />
      {error !== null && <Why error={error} />}
      <div className="conflict-actions">
        {(changed || sending) && !conflict && (
          <Button size="compact-xs" variant={asks || edit.session === null ? "filled" : "default"} loading={sending} onClick={() => void send(false)}>
            {connected ? "Upload the change" : "Connect and upload"}
          </Button>
        )}
        {conflict && (
          <Button size="compact-xs" variant="default" className="danger" loading={sending} onClick={() => void send(true)}>
            Overwrite the host's file
          </Button>
        )}
        {desk.backend.openEdit && (
          <Button size="compact-xs" variant="default" onClick={() => void openEditor(desk.backend, id)}>
            Open in the editor
          </Button>
        )}
        {changed && (
          <Button size="compact-xs" variant="default" onClick={() => setSaving(true)}>
            Save as a file…
          </Button>
        )}
        {asks && (
          <Button size="compact-xs" variant="default" onClick={later}>
            Not now
          </Button>
        )}
        <Button size="compact-xs" variant="subtle" disabled={sending} onClick={() => void stop()}>
          {changed ? "Throw away…" : "Stop watching"}
        </Button>
      </div>
      <SaveEdit edit={edit} opened={saving} onClose={() => setSaving(false)} />
    </div>
  );
}

function Words({ edit }: { edit: contract.Editing & { sending: boolean } }) {
  const { path, title, local_path, changed, sending, saved_at } = edit;
  return (
    <p>
      <strong className="machine">{path}</strong> on {title}{" "}
      {sending ? (
        "is on its way"
      ) : changed ? (
        <>
          was changed on this device <RelativeTime at={saved_at} empty="at an unknown time" />
        </>
      ) : (
        "is watched for changes"
      )}
      {": "}
      <Machine>{local_path}</Machine>
      <CopyButton text={local_path} label="Copy where the copy is" />
    </p>
  );
}

function Why({ error }: { error: unknown }) {
  const failure = describeFailure(error);
  return (
    <p className="secondary">
      {failure.title}
      {failure.detail && `: ${failure.detail}`}. {failure.nextStep} <span className="machine faint">{failure.code}</span>
    </p>
  );
}
