// Chooses the panes, of any tab, that receive what is typed into one of them.
import type { contract } from "@luumen/backend";
import { Empty, StateMark } from "@luumen/kit";
import { Button, Checkbox, Modal } from "@mantine/core";
import { useRef, useState, type KeyboardEvent } from "react";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";
import { EnvironmentMark } from "../hosts/EnvironmentMark";
import { activeTab } from "../layout/tabs";
import { LEAST_TOGETHER, panesByTab, type NamedPane, type TabPanes } from "../layout/together";
import { panesOf } from "../layout/tree";
import { focusSoon } from "../shell/useActions";
import { sessionWords } from "../shell/StatusBar";

export function BroadcastDialog() {
  const desk = useDesk();
  const opened = useStore(desk.choosing);
  const close = () => {
    desk.choosing.set(false);
    focusSoon(desk);
  };
  return (
    <Modal opened={opened} onClose={close} title="Type into several panes" size="md" returnFocus={false}>
      {opened && <Form onClose={close} />}
    </Modal>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const desk = useDesk();
  const layout = useStore(desk.layout);
  const sessions = useStore(desk.follow.sessions);
  const sessionOf = (pane: string) => sessions.get(layout.panes[pane]?.session ?? "");
  const isOpen = (pane: string) => sessionOf(pane)?.state === "open";
  const tabs = panesByTab(layout);
  const reachable = tabs.flatMap(({ panes }) => panes.map(({ pane }) => pane)).filter(isOpen);
  const [wanted, setWanted] = useState<ReadonlySet<string>>(() => {
    const now = desk.broadcast.get();
    const seen = activeTab(layout);
    return now.size > 0 ? now : new Set(seen ? panesOf(seen.tree) : []);
  });
  const list = useRef<HTMLDivElement>(null);
  // A pane whose connection went meanwhile cannot be typed into.
  const chosen = reachable.filter((pane) => wanted.has(pane));
  const set = (pane: string, on: boolean) => setWanted(new Set(on ? [...wanted, pane] : [...wanted].filter((each) => each !== pane)));
  if (reachable.length < LEAST_TOGETHER) {
    return <Empty title="There are not two panes to type into">Connect to another host, or split the pane of this one.</Empty>;
  }
  return (
    <form
      className="together"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen.length < LEAST_TOGETHER) return;
        desk.broadcast.set(new Set(chosen));
        onClose();
      }}
    >
      <p className="secondary">What you type into one of them goes to all of them.</p>
      <div ref={list} className="together-list" role="group" aria-label="Panes" onKeyDown={(event) => walk(event, list.current)}>
        {tabs.map((tab) => (
          <TabRows key={tab.tab} tab={tab} sessionOf={sessionOf} wanted={wanted} first={reachable[0]} onSet={set} />
        ))}
      </div>
      <div className="drawer-actions">
        <Button type="submit" size="xs" disabled={chosen.length < LEAST_TOGETHER}>
          {chosen.length < LEAST_TOGETHER ? "Choose two or more" : `Type into ${chosen.length} panes`}
        </Button>
        <Button size="xs" variant="default" onClick={() => setWanted(new Set(chosen.length === reachable.length ? [] : reachable))}>
          {chosen.length === reachable.length ? "None" : "All"}
        </Button>
        <Button size="xs" variant="subtle" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

interface RowsProps {
  tab: TabPanes;
  sessionOf: (pane: string) => contract.Session | undefined;
  wanted: ReadonlySet<string>;
  /** The pane whose box has the keyboard first. */
  first: string | undefined;
  onSet: (pane: string, on: boolean) => void;
}

function TabRows({ tab, sessionOf, wanted, first, onSet }: RowsProps) {
  const alone = tab.panes.length === 1;
  // A tab with a name of its own says more than its host.
  const label = ({ name }: NamedPane) => (alone && tab.name !== name ? `${tab.name} (${name})` : name);
  return (
    <>
      {tab.panes.map((each) => {
        const session = sessionOf(each.pane);
        const open = session?.state === "open";
        return (
          <div key={each.pane} className="together-row">
            <Checkbox
              size="xs"
              label={label(each)}
              disabled={!open}
              data-autofocus={each.pane === first || undefined}
              checked={open && wanted.has(each.pane)}
              onChange={(event) => onSet(each.pane, event.currentTarget.checked)}
            />
            {session && <EnvironmentMark environment={session.environment} whole />}
            {!open && <StateMark {...sessionWords(session?.state ?? "closed")} />}
          </div>
        );
      })}
    </>
  );
}

/** The arrows move between the boxes, as they do in every list. */
function walk(event: KeyboardEvent, list: HTMLElement | null): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || !list) return;
  const boxes = [...list.querySelectorAll<HTMLInputElement>("input:not(:disabled)")];
  const at = boxes.findIndex((box) => box === document.activeElement);
  event.preventDefault();
  boxes[Math.min(boxes.length - 1, Math.max(0, at + step))]?.focus();
}
