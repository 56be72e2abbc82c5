// The menu of a list's saved views: pick one, save what is shown, or go on to change them.
import type { View, ViewPage } from "@luumen/api-client";
import { describeFailure, useKeys } from "@luumen/kit";
import { Button, Menu } from "@mantine/core";
import { IconBookmark, IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { ManageViews } from "./ManageViews";
import { viewsQuery } from "./queries";
import { SaveView } from "./SaveView";
import { shownView } from "./search";

interface Props {
  page: ViewPage;
  /** What the list shows now, as parameters of its address. */
  search: string;
  onPick: (search: string) => void;
}

export function SavedViews({ page, search, onPick }: Props) {
  const views = useQuery(viewsQuery(page));
  const [opened, setOpened] = useState(false);
  const [dialog, setDialog] = useState<"save" | "manage" | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  // The first entry gets the keyboard, and the button has it back when the menu closes.
  useEffect(() => {
    if (opened) menu.current?.querySelector<HTMLElement>("[role=menuitem]:not(:disabled)")?.focus();
  }, [opened]);
  useKeys([
    {
      keys: "v",
      label: "Saved views",
      run: () => {
        button.current?.focus();
        setOpened(true);
      },
    },
  ]);
  const items = views.data?.items ?? [];
  const shown = shownView(items, search);
  return (
    <>
      <Menu
        opened={opened}
        onChange={(next) => {
          setOpened(next);
          // At once, so that a dialog that an entry opens takes the keyboard after this and gives it back here.
          if (!next) button.current?.focus();
        }}
        position="bottom-end"
        width={260}
        transitionProps={{ duration: 0 }}
        // A menu holds entries only, and stands in the page's landmark.
        withInitialFocusPlaceholder={false}
        withinPortal={false}
        returnFocus={false}
      >
        <Menu.Target>
          <Button
            ref={button}
            variant="default"
            size="xs"
            className="views-button"
            leftSection={<IconBookmark size={14} aria-hidden />}
            title={shown ? `This is the saved view “${shown.name}”` : "Saved views"}
          >
            {shown ? <span className="cut">{shown.name}</span> : "Views"}
          </Button>
        </Menu.Target>
        <Menu.Dropdown ref={menu}>
          <Menu.Label>Saved views</Menu.Label>
          {items.map((view) => (
            <Pick key={view.id} view={view} shown={view === shown} onPick={() => onPick(view.search)} />
          ))}
          {items.length === 0 && <Nothing views={views} />}
          <Menu.Divider />
          <Menu.Item disabled={!views.data} onClick={() => setDialog("save")}>
            Save this view…
          </Menu.Item>
          {items.length > 0 && <Menu.Item onClick={() => setDialog("manage")}>Rename, replace or delete…</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      <SaveView opened={dialog === "save"} page={page} search={search} views={items} onClose={() => setDialog(null)} />
      <ManageViews opened={dialog === "manage"} search={search} views={items} onClose={() => setDialog(null)} />
    </>
  );
}

function Pick({ view, shown, onPick }: { view: View; shown: boolean; onPick: () => void }) {
  return (
    <Menu.Item onClick={onPick} title={view.name} rightSection={shown && <IconCheck size={14} aria-label="shown now" />}>
      <span className="cut">{view.name}</span>
    </Menu.Item>
  );
}

/** None are saved, or nobody knows yet. */
function Nothing({ views }: { views: { isPending: boolean; error: unknown; refetch: () => unknown } }) {
  if (views.isPending) return <Menu.Item disabled>Loading the views…</Menu.Item>;
  if (!views.error) return <Menu.Item disabled>None yet</Menu.Item>;
  const { title, code } = describeFailure(views.error);
  return (
    <Menu.Item closeMenuOnClick={false} onClick={() => void views.refetch()}>
      Could not load them: {title} <span className="machine faint">{code}</span>. Try again
    </Menu.Item>
  );
}
