// Writes a change that its host does not have into a file of this device, in place of sending it.
import { useConfirm } from "@luumen/kit";
import { Modal } from "@mantine/core";

import { useDesk } from "../desk/context";
import type { Edit } from "../desk/follow";
import { withoutEntry } from "../desk/store";
import { WriteToFile } from "../hosts/WriteToFile";
import { hasCode, TAKEN } from "./edits";

export function SaveEdit({ edit, opened, onClose }: { edit: Edit; opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Save the change as a file" size="md">
      {opened && <Form edit={edit} onClose={onClose} />}
    </Modal>
  );
}

function Form({ edit, onClose }: { edit: Edit; onClose: () => void }) {
  const desk = useDesk();
  const confirm = useConfirm();
  const { edit: id, title } = edit;
  const name = edit.path.split("/").at(-1) ?? "";
  const save = (path: string, overwrite: boolean) => desk.backend.call("edit_save", { edit: id, path, overwrite });
  const write = async (path: string) => {
    try {
      await save(path, false);
    } catch (error) {
      if (!hasCode(error, TAKEN)) throw error;
      const sure = await confirm({ title: "Replace the file?", body: `There is something at ${path} already. It is replaced by your change of ${name}.`, action: "Replace it" });
      if (!sure) throw error;
      await save(path, true);
    }
    await desk.backend.call("edit_close", { edit: id });
    desk.follow.edits.set((edits) => withoutEntry(edits, id));
    return `Saved ${path}`;
  };
  return (
    <WriteToFile doing="save the change" suggested={`~/${name}`} write={write} onDone={onClose}>
      <p>{title} keeps the file that it has. The copy that is watched here is removed once yours is written.</p>
    </WriteToFile>
  );
}
