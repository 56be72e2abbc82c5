// A menu at the pointer, or at whatever has the keyboard when it is asked for by a key.
import { Menu } from "@mantine/core";
import { useEffect, useLayoutEffect, useRef, useState, type MouseEvent, type ReactNode, type RefObject } from "react";
import { createPortal } from "react-dom";

import { askedByKey } from "./asked";

export interface MenuPoint {
  x: number;
  y: number;
}

export type MenuEntry = "-" | { label: string; run: () => void; hint?: string | undefined; icon?: ReactNode; disabled?: boolean };

/** Where a context menu was asked for. In a list that has the keyboard as a whole, `row` is what a key asks it for. */
export function menuPoint(event: MouseEvent, row?: Element | null): MenuPoint {
  event.preventDefault();
  if (row && askedByKey()) return below(row);
  if (event.clientX !== 0 || event.clientY !== 0) return { x: event.clientX, y: event.clientY };
  return below(event.currentTarget);
}

function below(element: Element): MenuPoint {
  element.scrollIntoView({ block: "nearest" });
  const { left, bottom } = element.getBoundingClientRect();
  return { x: left + 8, y: bottom };
}

interface Props {
  label: string;
  entries: MenuEntry[];
  onClose: () => void;
}

/** It stands in the page's main part: outside of every landmark nobody who goes by landmarks would find it. */
export function ContextMenu({ at, ...rest }: Props & { at: MenuPoint | null }) {
  return at && createPortal(<Opened at={at} {...rest} />, document.querySelector("main") ?? document.body);
}

function Opened({ at, label, entries, onClose }: Props & { at: MenuPoint }) {
  const menu = useRef<HTMLDivElement>(null);
  useKeyboardBack();
  useKeyboard(menu);
  return (
    <Menu opened onClose={onClose} position="bottom-start" width={280} transitionProps={{ duration: 0 }} withinPortal={false} floatingStrategy="fixed" withInitialFocusPlaceholder={false} trapFocus returnFocus={false}>
      <Menu.Target>
        <span className="menu-anchor" style={{ left: at.x, top: at.y }} aria-hidden />
      </Menu.Target>
      <Menu.Dropdown ref={menu} aria-label={label}>
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

/** Gives the keyboard back to what had it, before what an entry opens remembers where it was. */
function useKeyboardBack(): void {
  const [before] = useState(() => document.activeElement);
  useLayoutEffect(() => {
    return () => {
      const now = document.activeElement;
      const lost = now === null || now === document.body || now.closest('[role="menu"]') !== null;
      if (lost && before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, [before]);
}

/** Takes the keyboard, and takes it again when the button is let go: a terminal has it back by then, and would hear what is meant for the menu. */
function useKeyboard(menu: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const take = () => {
      if (menu.current?.contains(document.activeElement)) return;
      menu.current?.querySelector<HTMLElement>('[role="menuitem"]:not(:disabled)')?.focus();
    };
    const soon = () => void setTimeout(take);
    soon();
    window.addEventListener("mouseup", soon, { once: true });
    return () => window.removeEventListener("mouseup", soon);
  }, [menu]);
}
