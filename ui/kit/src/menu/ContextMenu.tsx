// A menu at the pointer, or at whatever has the keyboard when it is asked for by a key.
import { Menu } from "@mantine/core";
import type { MouseEvent, ReactNode } from "react";

export interface MenuPoint {
  x: number;
  y: number;
}

export type MenuEntry = "-" | { label: string; run: () => void; hint?: string | undefined; icon?: ReactNode; disabled?: boolean };

/** Where a context menu was asked for. */
export function menuPoint(event: MouseEvent): MenuPoint {
  event.preventDefault();
  if (event.clientX !== 0 || event.clientY !== 0) return { x: event.clientX, y: event.clientY };
  const { left, bottom } = event.currentTarget.getBoundingClientRect();
  return { x: left + 8, y: bottom };
}

export function ContextMenu({ at, label, entries, onClose }: { at: MenuPoint | null; label: string; entries: MenuEntry[]; onClose: () => void }) {
  if (!at) return null;
  return (
    <Menu opened onClose={onClose} position="bottom-start" width={280} transitionProps={{ duration: 0 }} trapFocus returnFocus>
      <Menu.Target>
        <span className="menu-anchor" style={{ left: at.x, top: at.y }} aria-hidden />
      </Menu.Target>
      <Menu.Dropdown aria-label={label}>
        {entries.map((entry, index) =>
          entry === "-" ? (
            <Menu.Divider key={index} />
          ) : (
            <Menu.Item
              key={entry.label}
              disabled={entry.disabled}
              leftSection={entry.icon}
              rightSection={entry.hint && <span className="faint small">{entry.hint}</span>}
              onClick={entry.run}
            >
              {entry.label}
            </Menu.Item>
          ),
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
