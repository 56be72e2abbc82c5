// A flood of text is read much faster than it can be looked at, and drawing takes most of the time: each picture costs a layout of the
// whole screen, and without a graphics card a multiple of that. So while more waits than is read at once, there is a picture a few times
// a second, and one at the end. Programs that draw themselves wait for nothing, because what they say is read as it comes.
//
// xterm.js has no setting for that, so what makes it draw is held back inside of it. One that looks different inside stays as it is.
import type { Terminal } from "@xterm/xterm";

/** More than this waits to be read: whoever says it is quicker than the screen. */
const FLOOD_BYTES = 256 * 1024;
/** From one picture to the next in a flood. */
const PICTURE_EVERY_MS = 150;
/** A flood in which nothing waits for so long is over. */
const CALM_AFTER_MS = 25;

interface Selection {
  hasSelection: boolean;
  refresh: (isLinuxMouseSelection?: boolean) => void;
}

interface Core {
  rows: number;
  refresh: (start: number, end: number) => void;
  _selectionService?: Selection;
  _viewport?: { _sync: (row?: number) => void; queueSync: (row?: number) => void };
  _syncTextArea: () => void;
}

export class Flood {
  private waiting = 0;
  private flooded = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private calm: ReturnType<typeof setTimeout> | undefined;
  private lastPicture = 0;
  /** How what is held back is made up for. */
  private readonly draws: (() => void)[] = [];
  /** Which of them are due, a bit each: there are some for every line. */
  private due = 0;

  /** Call it once the terminal is open. */
  watch(term: Terminal): void {
    const core = (term as unknown as { _core?: Core })._core;
    const viewport = core?._viewport;
    const selection = core?._selectionService;
    if (!core || !viewport || !selection) return;
    const all = [core.refresh, core._syncTextArea, viewport._sync, viewport.queueSync, selection.refresh];
    if (!all.every((each) => typeof each === "function") || typeof selection.hasSelection !== "boolean") return;

    const refresh = core.refresh.bind(core);
    const rows = this.held(() => refresh(0, core.rows - 1));
    core.refresh = (start, end) => (this.flooded ? this.later(rows) : refresh(start, end));
    const syncTextArea = core._syncTextArea.bind(core);
    const textArea = this.held(syncTextArea);
    core._syncTextArea = () => (this.flooded ? this.later(textArea) : syncTextArea());
    const sync = viewport._sync.bind(viewport);
    const scrollbar = this.held(sync);
    viewport._sync = (row) => (this.flooded ? this.later(scrollbar) : sync(row));
    const queueSync = viewport.queueSync.bind(viewport);
    // With a row it is a person who scrolls.
    viewport.queueSync = (row) => (this.flooded && row === undefined ? this.later(scrollbar) : queueSync(row));
    this.drawSelectionOnce(selection);
  }

  /** Without a selection there is nothing to draw: xterm.js 6.0 draws all rows for it once more, with each line that scrolls. */
  private drawSelectionOnce(selection: Selection): void {
    const refresh = selection.refresh.bind(selection);
    let had = false;
    const drawn = this.held(() => {
      had = selection.hasSelection;
      refresh();
    });
    selection.refresh = (byMouse) => {
      if (this.flooded) return had || selection.hasSelection ? this.later(drawn) : undefined;
      const has = selection.hasSelection;
      if (has || had) refresh(byMouse);
      had = has;
    };
  }

  /** So many bytes are about to be read. */
  arrived(bytes: number): void {
    this.waiting += bytes;
    if (this.waiting > FLOOD_BYTES) this.flooded = true;
    clearTimeout(this.calm);
  }

  /** So many bytes were read. */
  read(bytes: number): void {
    this.waiting -= bytes;
    if (this.waiting > 0 || !this.flooded) return;
    this.calm = setTimeout(() => {
      this.flooded = false;
      this.picture();
    }, CALM_AFTER_MS);
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.calm);
    this.due = 0;
  }

  private held(draw: () => void): number {
    return 1 << (this.draws.push(draw) - 1);
  }

  private later(what: number): void {
    this.due |= what;
    this.timer ??= setTimeout(() => this.picture(), Math.max(0, this.lastPicture + PICTURE_EVERY_MS - performance.now()));
  }

  private picture(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.lastPicture = performance.now();
    const { due } = this;
    this.due = 0;
    this.draws.forEach((draw, at) => {
      if (due & (1 << at)) draw();
    });
  }
}
