// Which panes are typed into together, told by the tabs that they are in. Nothing here draws.
import { tabOfPane, type Layout, type Tab } from "./tabs";
import { panesOf } from "./tree";

export interface NamedPane {
  pane: string;
  name: string;
}
export interface TabPanes {
  tab: string;
  name: string;
  panes: NamedPane[];
}

/** Fewer than this is no broadcast. */
export const LEAST_TOGETHER = 2;

export function tabName(layout: Layout, tab: Tab): string {
  return tab.name ?? layout.panes[tab.active]?.title ?? "";
}

/** Every tab with its panes, in the order of the tabs; panes of one tab are told apart by number. */
export function panesByTab(layout: Layout): TabPanes[] {
  return layout.tabs.map((tab) => {
    const panes = panesOf(tab.tree);
    const named = panes.map((pane, index) => {
      const title = layout.panes[pane]?.title ?? "";
      return { pane, name: panes.length > 1 ? `${title}, pane ${index + 1}` : title };
    });
    return { tab: tab.id, name: tabName(layout, tab), panes: named };
  });
}

/** The tabs that have a part in it, each with the panes that do. */
export function togetherByTab(layout: Layout, together: ReadonlySet<string>): (TabPanes & { of: number })[] {
  return panesByTab(layout)
    .map((each) => ({ ...each, of: each.panes.length, panes: each.panes.filter(({ pane }) => together.has(pane)) }))
    .filter(({ panes }) => panes.length > 0);
}

/** Without panes that are gone; nobody is typed to alone. */
export function stillTogether(layout: Layout, together: ReadonlySet<string>): ReadonlySet<string> {
  const left = [...together].filter((pane) => tabOfPane(layout, pane) !== null);
  if (left.length === together.size && left.length !== 1) return together;
  return new Set(left.length < LEAST_TOGETHER ? [] : left);
}
