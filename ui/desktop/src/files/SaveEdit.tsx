// Writes a change that its host does not have into a file of this device, in place of sending it.
import { Modal } from "@mantine/core";

import { useDesk } from "../desk/context";
import type { Edit } from "../desk/follow";
import { withoutEntry } from "../desk/store";
import { WriteToFile } from "../hosts/WriteToFile";

export function SaveEdit({ edit, opened, onClose }: { edit: Edit; opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Save the change as a file" size="md">
      {opened && <Form edit={edit} onClose={onClose} />}
    </Modal>
  );
}

function Form({ edit, onClose }: { edit: Edit; onClose: () => void }) {
  const desk = useDesk();
  const { edit: id, title } = edit;
  const name = edit.path.split("/").at(-1) ?? "";
  const write = async (path: string, overwrite: boolean) => {
    await desk.backend.call("edit_save", { edit: id, path, overwrite });
    await desk.backend.call("edit_close", { edit: id });
    desk.follow.edits.set((edits) => withoutEntry(edits, id));
    return `Saved ${path}`;
  };
  return (
    <WriteToFile doing="save the change" what={`your change of ${name}`} suggested={`~/${name}`} write={write} onDone={onClose}>
      <p>{title} keeps the file that it has. The copy that is watched here is removed once yours is written.</p>
    </WriteToFile>
  );
}
