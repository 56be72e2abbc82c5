// Gives what a list shows a name.
import { ApiError, type View, type ViewPage } from "@luumen/api-client";
import { notifyDone } from "@luumen/kit";
import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { FormFailure } from "../session";
import { changeView, saveView } from "./queries";
import { viewNamed } from "./search";

interface Props {
  opened: boolean;
  page: ViewPage;
  search: string;
  views: View[];
  onClose: () => void;
}

export function SaveView(props: Props) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Save this view" size="md">
      {props.opened && <Form {...props} />}
    </Modal>
  );
}

function Form({ page, search, views, onClose }: Props) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const before = viewNamed(views, name);
  const save = useMutation({
    mutationFn: () => (before ? changeView(before.id, { search }) : saveView({ page, name, search })),
    onSuccess: (view) => {
      notifyDone(before ? `“${view.name}” is replaced` : `“${view.name}” is saved`);
      onClose();
    },
    // Also when it was refused: the name may have been taken meanwhile.
    onSettled: () => client.invalidateQueries({ queryKey: ["views"] }),
  });
  const faults = save.error instanceof ApiError ? save.error.fields : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          description={
            before
              ? "There is a view of this name. It will hold what the list shows now."
              : "Filter, order and columns are kept, for you alone, wherever you sign in"
          }
          required
          maxLength={100}
          data-autofocus
          value={name}
          error={faults["name"]}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <FormFailure error={save.error} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            {before ? "Replace" : "Save"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
