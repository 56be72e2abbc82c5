// Draws a tab's tree of splits. Borders are moved with the mouse, or with the arrow keys once they have the keyboard.
import { useRef, type KeyboardEvent, type PointerEvent } from "react";

import { useDesk } from "../desk/context";
import { resizeSplit, type Tab } from "../layout/tabs";
import type { Split, Tree } from "../layout/tree";
import { Pane } from "./Pane";

const STEP = 0.03;

export function Splits({ tab }: { tab: Tab }) {
  return (
    <div className="splits">
      <Node tab={tab} tree={tab.zoomed ? { kind: "pane", pane: tab.zoomed } : tab.tree} />
    </div>
  );
}

function Node({ tab, tree }: { tab: Tab; tree: Tree }) {
  if (tree.kind === "pane") return <Pane key={tree.pane} pane={tree.pane} tab={tab} />;
  return <Branch tab={tab} split={tree} />;
}

function Branch({ tab, split }: { tab: Tab; split: Split }) {
  const box = useRef<HTMLDivElement>(null);
  const percent = `${split.ratio * 100}%`;
  return (
    <div ref={box} className="split" data-direction={split.direction}>
      <div className="split-part" style={{ flexBasis: percent }}>
        <Node tab={tab} tree={split.first} />
      </div>
      <Border tab={tab} split={split} box={box} />
      <div className="split-part" style={{ flexBasis: `calc(100% - ${percent})` }}>
        <Node tab={tab} tree={split.second} />
      </div>
    </div>
  );
}

function Border({ tab, split, box }: { tab: Tab; split: Split; box: React.RefObject<HTMLDivElement | null> }) {
  const desk = useDesk();
  const row = split.direction === "row";
  const set = (ratio: number) => desk.layout.set((layout) => resizeSplit(layout, tab.id, split.id, ratio));
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const rect = box.current?.getBoundingClientRect();
    if (!rect || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    set(row ? (event.clientX - rect.left) / rect.width : (event.clientY - rect.top) / rect.height);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -STEP, ArrowUp: -STEP, ArrowRight: STEP, ArrowDown: STEP }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    set(split.ratio + step);
  };
  return (
    <div
      className="split-border"
      role="separator"
      aria-label="Border between panes"
      aria-orientation={row ? "vertical" : "horizontal"}
      aria-valuenow={Math.round(split.ratio * 100)}
      aria-valuemin={10}
      aria-valuemax={90}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={move}
      onDoubleClick={() => set(0.5)}
    />
  );
}
