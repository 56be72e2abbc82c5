// One pane's terminal: it outlives the part of the screen that shows it, and the connection that feeds it.
import { Acknowledger, Typist, type Backend, type contract, type Stop } from "@luumen/backend";
import { notifyFailed } from "@luumen/kit";
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { Terminal } from "@xterm/xterm";

import { Store } from "../desk/store";
import { neighbourPrompt, type Block } from "./blocks";
import { Blocks } from "./blockMarks";
import { Flood } from "./flood";
import { openFromTerminal } from "./links";
import { safeToPaste } from "./paste";
import { fontFamily, terminalTheme } from "./themes";

interface Listeners {
  /** Everything that is typed or pasted. */
  typed: (text: string) => void;
  focused: () => void;
}

/** A search in the scrollback, as it stands. */
export interface Found {
  index: number;
  count: number;
}

const LEAST = { cols: 20, rows: 4 };

export class TerminalHandle {
  readonly element = document.createElement("div");
  readonly term: Terminal;
  readonly search = new SearchAddon();
  readonly found = new Store<Found>({ index: -1, count: 0 });
  readonly searching = new Store<boolean>(false);
  /** A text that waits for a person to look at it before it is pasted. */
  readonly pasting = new Store<string | null>(null);
  readonly blocks = new Store<readonly Block[]>([]);
  readonly folder = new Store<string | null>(null);
  /** Where the link under the pointer leads. */
  readonly hint = new Store<string | null>(null);
  /** Id of the shell's terminal while there is one. */
  terminal: contract.Id | null = null;

  private readonly fit = new FitAddon();
  private readonly typist = new Typist((error) => notifyFailed("type into the shell", error));
  private readonly flood = new Flood();
  private readonly marks: Blocks;
  private webgl: WebglAddon | null = null;
  private detach: Stop | null = null;
  private openedAt = 0;
  private opening: contract.Id | null = null;
  private dead = false;

  constructor(
    private readonly backend: Backend,
    private preferences: contract.Preferences,
    private readonly listeners: Listeners,
  ) {
    this.element.className = "terminal-host";
    this.term = new Terminal({
      allowProposedApi: true,
      cursorBlink: false,
      macOptionIsMeta: true,
      rightClickSelectsWord: false,
      scrollOnUserInput: true,
      fontSize: preferences.font_size,
      fontFamily: fontFamily(preferences.font),
      scrollback: preferences.scrollback,
      overviewRuler: { width: 10 },
      linkHandler: {
        activate: (event, uri) => openFromTerminal(this.backend, event, uri),
        hover: (_, uri) => this.hint.set(uri),
        leave: () => this.hint.set(null),
      },
    });
    this.load();
    this.marks = new Blocks(this.term, {
      blocks: (blocks) => this.blocks.set(blocks),
      folder: (folder) => this.folder.set(folder),
    });
    this.term.onData((text) => this.listeners.typed(text));
    this.term.onBinary((text) => this.listeners.typed(text));
    this.term.onResize(({ cols, rows }) => this.tellSize(cols, rows));
    this.term.onBell(() => this.ring());
    this.term.onSelectionChange(() => this.preferences.copy_on_select && void this.copy());
    this.search.onDidChangeResults(({ resultIndex, resultCount }) => this.found.set({ index: resultIndex, count: resultCount }));
  }

  private load(): void {
    this.term.loadAddon(this.fit);
    this.term.loadAddon(this.search);
    this.term.loadAddon(new UnicodeGraphemesAddon());
    this.term.unicode.activeVersion = "15-graphemes";
    this.term.loadAddon(
      new WebLinksAddon((event, uri) => openFromTerminal(this.backend, event, uri), {
        hover: (_, uri) => this.hint.set(uri),
        leave: () => this.hint.set(null),
      }),
    );
  }

  // ---- the screen ----

  /** Shows the terminal in a part of the screen. It may be moved from one to another. */
  mount(parent: HTMLElement): void {
    parent.append(this.element);
    if (!this.term.element) {
      this.term.open(this.element);
      this.flood.watch(this.term);
      this.apply(this.preferences);
      this.term.textarea?.addEventListener("focus", () => this.listeners.focused());
      this.element.addEventListener("paste", (event) => this.onPaste(event), true);
    }
    this.resize();
  }

  unmount(): void {
    this.element.remove();
  }

  resize(): void {
    if (!this.element.isConnected || this.element.clientWidth === 0) return;
    this.fit.fit();
  }

  focus(): void {
    this.term.focus();
  }

  /** Puts the preferences in force. */
  apply(preferences: contract.Preferences): void {
    this.preferences = preferences;
    this.applyTheme();
    const { options } = this.term;
    options.fontSize = preferences.font_size;
    options.fontFamily = fontFamily(preferences.font);
    options.scrollback = preferences.scrollback;
    options.screenReaderMode = preferences.screen_reader;
    if (this.term.element) this.chooseRenderer(preferences.renderer);
    this.resize();
  }

  /** The colours, by the app's theme as it is now. */
  applyTheme(): void {
    const dark = document.documentElement.dataset["mantineColorScheme"] === "dark";
    const chosen = terminalTheme(this.preferences.terminal_theme);
    this.term.options.theme = {
      ...chosen.theme(dark),
      overviewRulerBorder: "#00000000",
      scrollbarSliderBackground: dark ? "#4b566080" : "#bfc6cd80",
    };
    this.term.options.minimumContrastRatio = chosen.contrast;
    this.element.style.background = this.term.options.theme.background ?? "";
  }

  private chooseRenderer(renderer: contract.Preferences["renderer"]): void {
    if (renderer === "dom") {
      this.webgl?.dispose();
      this.webgl = null;
      return;
    }
    if (this.webgl) return;
    try {
      const webgl = new WebglAddon();
      webgl.onContextLoss(() => {
        webgl.dispose();
        this.webgl = null;
      });
      this.term.loadAddon(webgl);
      this.webgl = webgl;
    } catch (error) {
      notifyFailed("draw with the graphics card; the plain renderer goes on", error);
    }
  }

  /** Which renderer draws just now. */
  get renderer(): "dom" | "webgl" {
    return this.webgl ? "webgl" : "dom";
  }

  private ring(): void {
    if (this.preferences.bell !== "visual") return;
    this.element.classList.remove("bell");
    // Reading the width makes the browser start the animation anew.
    void this.element.offsetWidth;
    this.element.classList.add("bell");
  }

  // ---- the shell ----

  get live(): boolean {
    return this.terminal !== null || this.opening !== null;
  }

  livedMs(): number {
    return performance.now() - this.openedAt;
  }

  /** Opens a shell on a session and shows what it says, below what is already there. */
  async openShell(session: contract.Id): Promise<void> {
    if (this.live) return;
    this.opening = session;
    const cols = Math.max(LEAST.cols, this.term.cols);
    const rows = Math.max(LEAST.rows, this.term.rows);
    try {
      const { terminal } = await this.backend.call("terminal_open", { session, cols, rows });
      if (this.dead || this.opening !== session) return void this.backend.call("terminal_close", { terminal });
      this.terminal = terminal;
      this.openedAt = performance.now();
      await this.feedFrom(terminal);
      this.typist.connect((text) => this.backend.call("terminal_write", { terminal, text }));
      if (cols !== this.term.cols || rows !== this.term.rows) this.tellSize(this.term.cols, this.term.rows);
    } finally {
      this.opening = null;
    }
  }

  private async feedFrom(terminal: contract.Id): Promise<void> {
    const acknowledger = new Acknowledger((bytes) => {
      // A terminal that is gone meanwhile needs no acknowledgement.
      this.backend.call("terminal_ack", { terminal, bytes }).catch(() => undefined);
    });
    this.detach = await this.backend.attach(terminal, (output, bytes) => this.show(output, bytes, () => acknowledger.wrote(bytes)));
  }

  /** Shows what a shell says; `then` is called when it was read. */
  show(output: Uint8Array | string, bytes: number, then: () => void): void {
    this.flood.arrived(bytes);
    this.term.write(output, () => {
      this.flood.read(bytes);
      then();
    });
  }

  /** There is no shell any more; what it wrote stays. */
  shellGone(): void {
    if (!this.live) return;
    this.detach?.();
    this.detach = null;
    this.terminal = null;
    this.opening = null;
    this.typist.connect(null);
    this.typist.forget();
    this.marks.reset();
    this.leaveProgram();
  }

  /** What a full-screen program had switched on must not stay on without it. */
  private leaveProgram(): void {
    this.term.write("", () => {
      // Leaving the second screen when it is not shown would move the cursor into what was written before.
      const second = this.term.buffer.active.type === "alternate" ? "\u001b[?1049l" : "";
      const modes = [1000, 1002, 1003, 1006, 2004].map((mode) => `\u001b[?${mode}l`).join("");
      const newLine = this.term.buffer.active.cursorX > 0 ? "\r\n" : "";
      this.term.write(`${second}${modes}\u001b[?25h\u001b[0m${newLine}`);
    });
  }

  /** Sends what was typed; keys before the first shell wait for it. */
  send(text: string): void {
    this.typist.type(text);
  }

  private tellSize(cols: number, rows: number): void {
    const terminal = this.terminal;
    if (!terminal) return;
    this.backend.call("terminal_resize", { terminal, cols, rows }).catch(() => undefined);
  }

  // ---- copy and paste ----

  async copy(): Promise<void> {
    const text = this.term.getSelection();
    if (text) await navigator.clipboard.writeText(text).catch((error: unknown) => notifyFailed("copy", error));
  }

  private onPaste(event: ClipboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (text) this.pasting.set(text);
  }

  /** Asks the system for what was copied; the pane decides whether a person has to look at it first. */
  async pasteFromSystem(): Promise<void> {
    try {
      const text = await navigator.clipboard.readText();
      if (text) this.pasting.set(text);
    } catch (error) {
      notifyFailed("read what was copied", error);
    }
  }

  /** Pastes a text that was looked at. */
  paste(text: string): void {
    this.pasting.set(null);
    this.term.paste(safeToPaste(text));
  }

  // ---- commands ----

  jump(direction: -1 | 1): void {
    const line = neighbourPrompt(this.blocks.get(), this.term.buffer.active.viewportY, direction);
    if (line !== null) this.term.scrollToLine(line);
    else if (direction > 0) this.term.scrollToBottom();
  }

  /** The output of a command as text. */
  outputOf(block: Block): string {
    if (!block.output || !block.end || block.output.line < 0) return "";
    const lines: string[] = [];
    for (let line = block.output.line; line < block.end.line; line += 1) {
      lines.push(this.term.buffer.normal.getLine(line)?.translateToString(true) ?? "");
    }
    return lines.join("\n");
  }

  dispose(): void {
    this.dead = true;
    const terminal = this.terminal;
    this.detach?.();
    this.typist.connect(null);
    this.unmount();
    this.flood.dispose();
    this.term.dispose();
    // The session may be closing too; then the shell is gone already.
    if (terminal) this.backend.call("terminal_close", { terminal }).catch(() => undefined);
  }
}
