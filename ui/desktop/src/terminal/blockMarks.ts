// Puts a shell's own marks (OSC 133, OSC 7) into the terminal: blocks, a coloured edge at each command, the folder.
import type { IMarker, Terminal } from "@xterm/xterm";

import { BlockTracker, folderIn, type Block } from "./blocks";

export class Blocks {
  private readonly tracker: BlockTracker;
  private readonly drawn = new Map<number, { exit: number | null; dispose: () => void }>();

  constructor(
    private readonly term: Terminal,
    private readonly tell: { blocks: (blocks: readonly Block[]) => void; folder: (folder: string) => void },
  ) {
    this.tracker = new BlockTracker(
      {
        mark: () => term.registerMarker(0),
        typed: (from, column) => this.textFrom(from.line, column),
        column: () => term.buffer.active.cursorX,
        now: () => Date.now(),
      },
      (block) => this.changed(block),
    );
    term.parser.registerOscHandler(133, (body) => this.tracker.handle(body));
    term.parser.registerOscHandler(7, (body) => {
      const folder = folderIn(body);
      if (folder) this.tell.folder(folder);
      return folder !== null;
    });
  }

  reset(): void {
    this.tracker.reset();
  }

  private changed(block: Block): void {
    if (block.output) this.draw(block);
    this.tell.blocks([...this.tracker.blocks]);
  }

  private draw(block: Block): void {
    const before = this.drawn.get(block.id);
    if (before && before.exit === block.exit && block.ended_at === null) return;
    before?.dispose();
    const decoration = this.term.registerDecoration({ marker: block.prompt as IMarker, x: 0, width: 1, layer: "top" });
    const state = block.ended_at === null ? "running" : block.exit === 0 ? "ok" : block.exit === null ? "unknown" : "failed";
    decoration?.onRender((element) => {
      element.classList.add("command-mark");
      element.dataset["state"] = state;
      element.title = describe(block);
    });
    this.drawn.set(block.id, { exit: block.exit, dispose: () => decoration?.dispose() });
  }

  private textFrom(line: number, column: number): string {
    const buffer = this.term.buffer.active;
    const end = buffer.baseY + buffer.cursorY;
    const parts: string[] = [];
    for (let at = line; at <= Math.min(end, line + 40); at += 1) {
      const text = buffer.getLine(at)?.translateToString(true, at === line ? column : 0) ?? "";
      if (at === end && buffer.cursorX === 0 && at !== line) break;
      const continued = buffer.getLine(at)?.isWrapped === true;
      parts.push(parts.length > 0 && !continued ? `\n${text}` : text);
    }
    return parts.join("");
  }
}

function describe({ command, exit, started_at, ended_at }: Block): string {
  const took = started_at !== null && ended_at !== null ? `, ${((ended_at - started_at) / 1000).toFixed(1)} s` : "";
  const end = ended_at === null ? "running" : exit === null ? "ended, exit code not told" : `exit ${exit}`;
  return `${command || "command"}: ${end}${took}`;
}
