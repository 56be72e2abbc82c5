// Nested splits as a tree: leaves are panes, and each branch divides its room in two. Nothing here draws.

export type Direction = "row" | "column";
export type Side = "left" | "right" | "up" | "down";

export interface Leaf {
  kind: "pane";
  pane: string;
}
export interface Split {
  kind: "split";
  id: string;
  direction: Direction;
  /** Share of the first part. */
  ratio: number;
  first: Tree;
  second: Tree;
}
export type Tree = Leaf | Split;

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

const LEAST = 0.1;

export const leaf = (pane: string): Leaf => ({ kind: "pane", pane });

/** The panes from left to right and from top to bottom. */
export function panesOf(tree: Tree): string[] {
  return tree.kind === "pane" ? [tree.pane] : [...panesOf(tree.first), ...panesOf(tree.second)];
}

/** Divides a pane's room; the new pane comes after it, or before it. */
export function splitPane(tree: Tree, pane: string, direction: Direction, id: string, added: string, before = false): Tree {
  if (tree.kind === "pane") {
    if (tree.pane !== pane) return tree;
    const [first, second] = before ? [leaf(added), tree] : [tree, leaf(added)];
    return { kind: "split", id, direction, ratio: 0.5, first, second };
  }
  return {
    ...tree,
    first: splitPane(tree.first, pane, direction, id, added, before),
    second: splitPane(tree.second, pane, direction, id, added, before),
  };
}

/** Takes a pane out; its neighbour gets the room. Null when it was the last. */
export function removePane(tree: Tree, pane: string): Tree | null {
  if (tree.kind === "pane") return tree.pane === pane ? null : tree;
  const first = removePane(tree.first, pane);
  const second = removePane(tree.second, pane);
  if (!first) return second;
  if (!second) return first;
  return { ...tree, first, second };
}

/** Moves the border of a split. */
export function setRatio(tree: Tree, id: string, ratio: number): Tree {
  if (tree.kind === "pane") return tree;
  if (tree.id === id) return { ...tree, ratio: Math.min(1 - LEAST, Math.max(LEAST, ratio)) };
  return { ...tree, first: setRatio(tree.first, id, ratio), second: setRatio(tree.second, id, ratio) };
}

/** Where each pane lies, in a room of width and height 1. */
export function rects(tree: Tree, within: Rect = { x: 0, y: 0, width: 1, height: 1 }): Map<string, Rect> {
  if (tree.kind === "pane") return new Map([[tree.pane, within]]);
  const [a, b] = halves(tree, within);
  return new Map([...rects(tree.first, a), ...rects(tree.second, b)]);
}

function halves({ direction, ratio }: Split, { x, y, width, height }: Rect): [Rect, Rect] {
  if (direction === "row") {
    const left = width * ratio;
    return [
      { x, y, width: left, height },
      { x: x + left, y, width: width - left, height },
    ];
  }
  const top = height * ratio;
  return [
    { x, y, width, height: top },
    { x, y: y + top, width, height: height - top },
  ];
}

const CLOSE = 1e-6;

/** The pane beside a pane: of those that touch it, the one that shares the longest border. */
export function neighbour(tree: Tree, pane: string, side: Side): string | null {
  const all = rects(tree);
  const from = all.get(pane);
  if (!from) return null;
  let best: { pane: string; shared: number } | null = null;
  for (const [other, rect] of all) {
    if (other === pane || !touches(from, rect, side)) continue;
    const shared = side === "left" || side === "right" ? overlap(from.y, from.height, rect.y, rect.height) : overlap(from.x, from.width, rect.x, rect.width);
    if (shared > CLOSE && (!best || shared > best.shared + CLOSE)) best = { pane: other, shared };
  }
  return best?.pane ?? null;
}

function touches(from: Rect, to: Rect, side: Side): boolean {
  const gap = {
    left: to.x + to.width - from.x,
    right: to.x - (from.x + from.width),
    up: to.y + to.height - from.y,
    down: to.y - (from.y + from.height),
  }[side];
  return Math.abs(gap) < CLOSE;
}

function overlap(a: number, aSize: number, b: number, bSize: number): number {
  return Math.min(a + aSize, b + bSize) - Math.max(a, b);
}

/** A tree read from a store, or null when it is none. */
export function readTree(value: unknown): Tree | null {
  if (typeof value !== "object" || value === null) return null;
  const node = value as Record<string, unknown>;
  if (node["kind"] === "pane") return typeof node["pane"] === "string" ? leaf(node["pane"]) : null;
  if (node["kind"] !== "split" || typeof node["id"] !== "string") return null;
  const first = readTree(node["first"]);
  const second = readTree(node["second"]);
  if (!first || !second) return first ?? second;
  const ratio = typeof node["ratio"] === "number" && node["ratio"] > 0 && node["ratio"] < 1 ? node["ratio"] : 0.5;
  return { kind: "split", id: node["id"], direction: node["direction"] === "column" ? "column" : "row", ratio, first, second };
}
