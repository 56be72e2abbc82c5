// Says that something was done, and takes it back for as long as the notice stands.
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";

import { notifyFailed } from "./notify";

const STANDS_MS = 12_000;

/** Offers to take back what was done; `undo` does it. */
export function notifyUndo(message: string, undo: () => Promise<unknown>): void {
  const id = crypto.randomUUID();
  const takeBack = () => {
    notifications.hide(id);
    undo().catch((error: unknown) => notifyFailed("take it back", error));
  };
  notifications.show({
    id,
    withBorder: true,
    autoClose: STANDS_MS,
    className: "notice-done",
    message: (
      <Group justify="space-between" wrap="nowrap" gap="md">
        <span>{message}</span>
        <Button size="compact-xs" variant="default" onClick={takeBack}>
          Undo
        </Button>
      </Group>
    ),
  });
}
