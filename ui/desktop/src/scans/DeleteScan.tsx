// Deletes one scan from this device, after a question.
import type { contract } from "@luumen/backend";
import { notifyDone, useConfirm } from "@luumen/kit";
import { Button } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";

import { useDesk, useDo, useReadAgain } from "../desk/context";

export function DeleteScan({ scan }: { scan: contract.Scan }) {
  const desk = useDesk();
  const act = useDo();
  const readAgain = useReadAgain();
  const confirm = useConfirm();
  const remove = async () => {
    const when = new Date(scan.started_at).toLocaleString("en-GB");
    const sure = await confirm({
      title: `Delete the scan of ${scan.target}?`,
      body: `What was read and found on ${when} is deleted from this device, and no later scan can be compared with it. This cannot be taken back.`,
      action: "Delete the scan",
    });
    if (!sure || !(await act("delete the scan", "scan_delete", { scan: scan.id }))) return;
    desk.follow.forgetScan(scan.id);
    if (desk.view.get().at === scan.id) desk.go("scans");
    readAgain("scans_list", "scan_last", "hosts_tree", "host_get");
    notifyDone("Deleted the scan");
  };
  return (
    <Button size="xs" variant="default" leftSection={<IconTrash size={15} aria-hidden />} onClick={() => void remove()}>
      Delete
    </Button>
  );
}
