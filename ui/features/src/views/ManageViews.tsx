// Saved views are renamed, replaced by what the list shows, or deleted.
import { ApiError, type View } from "@luumen/api-client";
import { Empty, notifyDone, notifyFailed, notifyUndo } from "@luumen/kit";
import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type FormEvent } from "react";

import { changeView, deleteView, saveView } from "./queries";

interface Props {
  opened: boolean;
  search: string;
  views: View[];
  onClose: () => void;
}

export function ManageViews({ opened, search, views, onClose }: Props) {
  const list = useRef<HTMLUListElement>(null);
  return (
    <Modal opened={opened} onClose={onClose} title="Saved views" size="lg">
      {views.length === 0 && <Empty title="No saved views" />}
      <ul className="views-list" ref={list} tabIndex={-1} aria-label="Saved views">
        {views.map((view) => (
          // What had the keyboard goes with the row; the list takes it.
          <Row key={view.id} view={view} search={search} onGone={() => list.current?.focus()} />
        ))}
      </ul>
    </Modal>
  );
}

function Row({ view, search, onGone }: { view: View; search: string; onGone: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState(view.name);
  const refresh = () => client.invalidateQueries({ queryKey: ["views"] });
  const rename = useMutation({
    mutationFn: () => changeView(view.id, { name }),
    onSuccess: (renamed) => {
      setName(renamed.name);
      notifyDone(`“${view.name}” is now “${renamed.name}”`);
      return refresh();
    },
  });
  const replace = useMutation({
    mutationFn: () => changeView(view.id, { search }),
    onSuccess: () => {
      notifyUndo(`“${view.name}” holds what the list shows now`, () => changeView(view.id, { search: view.search }).then(refresh));
      return refresh();
    },
    onError: (error) => notifyFailed(`replace “${view.name}”`, error),
  });
  const remove = useMutation({
    mutationFn: () => deleteView(view.id),
    onSuccess: () => {
      notifyUndo(`“${view.name}” is deleted`, () => saveView(view).then(refresh));
      onGone();
      return refresh();
    },
    onError: (error) => notifyFailed(`delete “${view.name}”`, error),
  });
  const fault = rename.error instanceof ApiError ? (rename.error.fields["name"] ?? rename.error.message) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate();
  };
  return (
    <li>
      <form onSubmit={submit}>
        <TextInput
          size="xs"
          aria-label={`Name of “${view.name}”`}
          required
          maxLength={100}
          value={name}
          error={fault}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button size="xs" variant="default" type="submit" disabled={name.trim() === view.name || !name.trim()} loading={rename.isPending}>
          Rename
        </Button>
        <Button
          size="xs"
          variant="default"
          title={`Let “${view.name}” hold what the list shows now`}
          aria-label={`Replace “${view.name}” by what the list shows`}
          disabled={view.search === search}
          loading={replace.isPending}
          onClick={() => replace.mutate()}
        >
          Replace
        </Button>
        <Button size="xs" variant="default" aria-label={`Delete “${view.name}”`} loading={remove.isPending} onClick={() => remove.mutate()}>
          Delete
        </Button>
      </form>
    </li>
  );
}
