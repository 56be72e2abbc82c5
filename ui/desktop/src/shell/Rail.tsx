// The rail: pages, and a mark where something waits for a person.
import { Tooltip } from "@mantine/core";
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from "@tabler/icons-react";

import { useDesk } from "../desk/context";
import type { Page } from "../desk/desk";
import { useStore } from "../desk/store";
import { PAGES } from "./pages";

export function Rail() {
  const desk = useDesk();
  const current = useStore(desk.view, (view) => view.page);
  const tree = useStore(desk.tree);
  const questions = useStore(desk.follow.questions);
  const edits = [...useStore(desk.follow.edits).values()];
  const waiting: Partial<Record<Page, string | false>> = {
    sessions: questions.some(({ session }) => session !== null) && "a question waits",
    files: edits.some(({ changed }) => changed) && "a change was not sent",
  };
  const Fold = tree ? IconLayoutSidebarLeftCollapse : IconLayoutSidebarLeftExpand;
  const foldLabel = tree ? "Hide the hosts" : "Show the hosts";
  return (
    <nav className="rail" aria-label="Main">
      <Tooltip label={foldLabel} position="right" withinPortal={false}>
        <button type="button" className="rail-item" aria-label={foldLabel} aria-pressed={tree} onClick={() => desk.tree.set(!tree)}>
          <Fold size={20} stroke={1.6} aria-hidden />
        </button>
      </Tooltip>
      <ul>
        {PAGES.map(({ page, name, icon: Mark }) => {
          const waits = waiting[page];
          const label = waits ? `${name}: ${waits}` : name;
          return (
            <li key={page} data-page={page}>
              <Tooltip label={label} position="right" withinPortal={false}>
                <button
                  type="button"
                  className="rail-item"
                  aria-label={label}
                  aria-current={current === page ? "page" : undefined}
                  onClick={() => desk.go(page)}
                >
                  <Mark size={20} stroke={1.6} aria-hidden />
                  {waits && <span className="rail-dot" aria-hidden />}
                </button>
              </Tooltip>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
