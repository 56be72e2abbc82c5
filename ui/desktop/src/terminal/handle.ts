// One pane's terminal: it outlives the part of the screen that shows it, and the connection that feeds it.
import { Acknowledger, Typist, type Backend, type contract, type Piece, type Stop } from "@luumen/backend";
import { notifyFailed } from "@luumen/kit";
import { FitAddon } from "@xterm/addon-fit";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { Terminal } from "@xterm/xterm";

import { isAnswer } from "../desk/answers";
import { Store } from "../desk/store";
import { neighbourPrompt, type Block } from "./blocks";
import { Blocks } from "./blockMarks";
import { Flood } from "./flood";
import { openFromTerminal } from "./links";
import { safeToPaste, titleOf } from "./paste";
import { Search, type Found } from "./search";
import { fontFamily, terminalTheme } from "./themes";

interface Listeners {
  /** Everything that is typed, and what the terminal answers by itself. */
  typed: (text: string) => void;
  /** A text that is to be pasted, and was looked at. */
  pasted: (text: string) => void;
  /** Something happened that nobody saw; null once the terminal is seen. */
  unseen: (what: Unseen | null) => void;
  /** What the program that runs calls itself, or what it does. */
  titled: (title: string | null) => void;
  focused: () => void;
}

/** What happened in a terminal while it was not on the screen. */
export type Unseen = "output" | "bell";

const LEAST = { cols: 20, rows: 4 };

/** What a program may have switched on besides the modes that a soft reset knows: the mouse, and the encodings of where it is. */
const MOUSE_MODES = [9, 1000, 1002, 1003, 1006, 1016];

export class TerminalHandle {
  readonly element = document.createElement("div");
  readonly term: Terminal;
  readonly search = new Search();
  readonly found = new Store<Found>({ index: -1, count: 0 });
  /** How often the search was asked for since it was last shut. */
  readonly searching = new Store<number>(0);
  /** A text that waits for a person to look at it before it is pasted. */
  readonly pasting = new Store<string | null>(null);
  readonly blocks = new Store<readonly Block[]>([]);
  readonly folder = new Store<string | null>(null);
  /** Where the link under the pointer leads. */
  readonly hint = new Store<string | null>(null);
  /** Its terminal in the workbench. It outlives the line: the shell that comes then comes in its place. */
  terminal: contract.Id | null = null;

  private readonly fit = new FitAddon();
  private readonly typist = new Typist((error) => notifyFailed("type into the shell", error));
  private readonly flood = new Flood();
  private readonly marks: Blocks;
  private webgl: WebglAddon | null = null;
  private detach: Stop | null = null;
  private openedAt = 0;
  /** The attempt under way; another one may take its place. */
  private opening: object | null = null;
  /** The line is gone; the terminal waits for the next. */
  private lost = false;
  /** That nobody hears what is typed was said already. */
  private saidUnheard = false;
  /** Bytes that an earlier page has drawn already, and that are still to come. */
  private again = 0;
  private dead = false;
  /** Programs that are being left, and what came of the next shell meanwhile. */
  private leaves = 0;
  private readonly held: (() => void)[] = [];
  /** The line is lost, and the shell's last words are still to come: nobody is left to hear what they ask. */
  private ghost = false;
  /** All of them are there before the line is known to be lost. */
  private left = false;

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
    this.term.onData((text) => {
      // Whoever asked has had the answer, when it was drawn for the first time.
      if ((this.again === 0 && !this.ghost) || !isAnswer(text)) this.listeners.typed(text);
    });
    // Where the mouse is, in bytes that are no text. Only the program that asked may have them.
    this.term.onBinary((bytes) => this.live && this.typist.type(Uint8Array.from(bytes, (each) => each.charCodeAt(0))));
    this.term.onResize(({ cols, rows }) => this.tellSize(cols, rows));
    this.term.onBell(() => this.ring());
    this.term.onTitleChange((title) => this.listeners.titled(titleOf(title)));
    this.term.onSelectionChange(() => this.preferences.copy_on_select && !this.search.selects && void this.copy());
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
    this.listeners.unseen(null);
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
    if (this.preferences.bell !== "visual" || this.again > 0) return;
    if (!this.element.isConnected) return this.listeners.unseen("bell");
    this.element.classList.remove("bell");
    // Reading the width makes the browser start the animation anew.
    void this.element.offsetWidth;
    this.element.classList.add("bell");
  }

  // ---- the shell ----

  /** Whether there is a shell, or one is being opened. */
  get live(): boolean {
    return (this.terminal !== null || this.opening !== null) && !this.lost;
  }

  livedMs(): number {
    return performance.now() - this.openedAt;
  }

  /** Opens a shell on a session and shows what it says, below what is already there. */
  async openShell(session: contract.Id): Promise<void> {
    if (this.terminal !== null || this.opening !== null) return;
    const attempt = (this.opening = {});
    const cols = Math.max(LEAST.cols, this.term.cols);
    const rows = Math.max(LEAST.rows, this.term.rows);
    try {
      const { terminal } = await this.backend.call("terminal_open", { session, cols, rows });
      if (this.dead || this.opening !== attempt) return this.leave(terminal);
      this.terminal = terminal;
      await this.feedFrom(terminal);
      // It ended meanwhile, and that was told.
      if (this.opening !== attempt) return this.leave(terminal);
      this.begin();
    } catch (error) {
      if (this.opening !== attempt) return;
      this.opening = null;
      this.shellGone();
      throw error;
    } finally {
      if (this.opening === attempt) this.opening = null;
    }
  }

  /** Goes on with a terminal that an earlier page opened. What it showed last, so many bytes, is shown again. */
  async takeUp({ terminal, cols, rows, again }: contract.OpenTerminal): Promise<void> {
    this.terminal = terminal;
    this.again = again;
    this.term.resize(cols, rows);
    try {
      await this.feedFrom(terminal);
      this.begin();
      this.openedAt = -Infinity;
    } catch (error) {
      if (this.terminal !== terminal) return;
      this.shellGone();
      throw error;
    }
  }

  private async feedFrom(terminal: contract.Id): Promise<void> {
    const acknowledger = new Acknowledger((bytes) => {
      // A terminal that is gone meanwhile needs no acknowledgement.
      this.backend.call("terminal_ack", { terminal, bytes }).catch(() => undefined);
    });
    const detach = await this.backend.attach(terminal, (output, bytes) => this.show(output, bytes, () => acknowledger.wrote(bytes)));
    if (this.terminal === terminal) this.detach = detach;
    else detach();
  }

  /** What is typed has somewhere to go. */
  private begin(): void {
    const { terminal } = this;
    if (!terminal || this.lost) return;
    this.openedAt = performance.now();
    this.saidUnheard = false;
    this.typist.connect((piece) => this.write(terminal, piece));
    this.tellSize(this.term.cols, this.term.rows);
  }

  private write(terminal: contract.Id, piece: Piece): Promise<unknown> {
    return typeof piece === "string"
      ? this.backend.call("terminal_write", { terminal, text: piece })
      : this.backend.call("terminal_write_bytes", { terminal, bytes: [...piece] });
  }

  /** Shows what a shell says; `then` is called when it was read. No bytes: it is lost, and what comes then is the next one's. */
  show(output: Uint8Array | string, bytes: number, then: () => void): void {
    if (this.leaves > 0) return void this.held.push(() => this.show(output, bytes, then));
    if (bytes === 0) return this.leaveLost();
    this.flood.arrived(bytes);
    this.term.write(output, () => {
      if (this.again === 0 && !this.element.isConnected) this.listeners.unseen("output");
      this.again = Math.max(0, this.again - bytes);
      this.flood.read(bytes);
      then();
    });
  }

  /** The line is gone. What was written stays, and so does its place: the workbench opens the next shell in it. */
  lineLost(): void {
    this.typist.connect(null);
    this.typist.forget();
    if (!this.live) return;
    this.lost = true;
    this.ghost = !this.left;
    this.left = false;
    this.listeners.titled(null);
  }

  /** All that the lost shell said is there. */
  private leaveLost(): void {
    // A connection that failed while there was no shell says so again.
    if (this.lost && !this.ghost) return;
    this.left = !this.ghost;
    this.leaveProgram(this.terminal);
  }

  /** The line is there again, and a shell in the same place. */
  lineBack(): void {
    if (!this.lost) return;
    this.lost = false;
    this.begin();
  }

  /** There is no shell any more, and none comes in its place; what it wrote stays. */
  shellGone(): void {
    const { terminal, opening } = this;
    if (terminal === null && opening === null) return;
    this.detach?.();
    this.detach = null;
    this.terminal = null;
    this.opening = null;
    this.lost = false;
    this.left = false;
    this.again = 0;
    this.typist.connect(null);
    this.typist.forget();
    this.leaveProgram(null);
    // One that is being opened is left by whoever opens it.
    if (terminal && !opening) this.leave(terminal);
  }

  /** The workbench keeps a terminal until it is told that nobody wants it. */
  private leave(terminal: contract.Id): void {
    // Its session may have ended meanwhile, and the terminal with it.
    this.backend.call("terminal_close", { terminal }).catch(() => undefined);
  }

  /**
   * What a full-screen program had switched on must not stay on without it, and what it showed must not be written over. `goesOn` is
   * the terminal that the next shell comes in: a page that is opened anew has to know where one ended. Until it is done nothing of the next
   * shell is shown, and nothing that the last one asked is answered.
   */
  private leaveProgram(goesOn: contract.Id | null): void {
    this.listeners.titled(null);
    this.ghost = true;
    this.leaves += 1;
    this.term.write("", () => {
      // Leaving the second screen when it is not shown would move the cursor into what was written before.
      const second = this.term.buffer.active.type === "alternate" ? "\u001b[?1049l" : "";
      const mouse = MOUSE_MODES.map((mode) => `\u001b[?${mode}l`).join("");
      // The soft reset: keypad, cursor keys, origin, insert, character sets, margins, colours, bracketed paste, focus, the cursor.
      const reset = `${second}${mouse}\u001b[!p`;
      this.term.write(reset, () => {
        const below = belowAll(this.term);
        this.term.write(below, () => this.programLeft());
        if (goesOn) this.backend.call("terminal_keep", { terminal: goesOn, text: reset + below }).catch(() => undefined);
      });
    });
  }

  private programLeft(): void {
    this.marks.reset();
    this.leaves -= 1;
    if (this.leaves > 0) return;
    this.ghost = false;
    for (const show of this.held.splice(0)) show();
  }

  /** Sends what was typed; keys before the first shell wait for it. */
  send(text: string): void {
    this.typist.type(text);
  }

  /** What was typed went nowhere. Said once, until there is a shell again. */
  unheard(): void {
    if (this.saidUnheard) return;
    this.saidUnheard = true;
    notifyFailed("type into the terminal", new NotConnected());
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

  /** Pastes a text that was looked at, here and wherever it is typed too. */
  paste(text: string): void {
    this.pasting.set(null);
    this.listeners.pasted(safeToPaste(text));
  }

  /** Sends a text as pasted, with the marks around it that this shell asked for; another's shell may have asked for none. */
  sendPasted(text: string): void {
    const lines = text.replace(/\r?\n/g, "\r");
    this.send(this.term.modes.bracketedPasteMode ? `\u001b[200~${lines}\u001b[201~` : lines);
    this.term.scrollToBottom();
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
    this.detach?.();
    this.typist.connect(null);
    this.unmount();
    this.flood.dispose();
    this.term.dispose();
    if (this.terminal) this.leave(this.terminal);
  }
}

/** Moves the cursor below everything that is on the screen. */
function belowAll({ buffer: { active }, rows }: Terminal): string {
  const empty = (row: number) => active.getLine(active.baseY + row)?.translateToString(true) === "";
  let last = rows - 1;
  while (last > active.cursorY && empty(last)) last -= 1;
  if (last > active.cursorY) return `\u001b[${last + 1};1H\r\n`;
  return active.cursorX > 0 ? "\r\n" : "";
}

class NotConnected extends Error {
  readonly failure = {
    title: "The terminal is not connected",
    detail: "The terminal is not connected, and what is typed is not kept for the next shell",
    nextStep: "Connect it again, then type again.",
    code: "LUM-TERMINAL-LOST",
  };
}
