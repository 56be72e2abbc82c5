// Flow control of a terminal: what was drawn is acknowledged in quarters of the window, and what is typed keeps its order.

/** Bytes that the workbench sends ahead of what the screen has drawn. */
export const WINDOW_BYTES = 1024 * 1024;

/**
 * Counts drawn bytes and acknowledges them a quarter of the window at a time: often enough that the host never waits
 * for a screen that keeps up, rarely enough that acknowledging costs little.
 */
export class Acknowledger {
  private drawn = 0;

  constructor(
    private readonly send: (bytes: number) => void,
    private readonly quantum = WINDOW_BYTES / 4,
  ) {}

  /** Call it from the callback of the terminal's `write`, never before. */
  wrote(bytes: number): void {
    this.drawn += bytes;
    if (this.drawn < this.quantum) return;
    const due = this.drawn;
    this.drawn = 0;
    this.send(due);
  }
}

/** A piece of what is typed: a text, or bytes that are none. */
export type Piece = string | Uint8Array;

/**
 * Sends what is typed in the order in which it was typed: one call at a time, and texts that come meanwhile go together
 * with the next. Keys that are pressed before there is a shell wait for it.
 */
export class Typist {
  private waiting: Piece[] = [];
  private busy = false;
  private send: ((piece: Piece) => Promise<unknown>) | null = null;

  constructor(private readonly onError: (error: unknown) => void) {}

  /** There is a shell now (or none, with null). */
  connect(send: ((piece: Piece) => Promise<unknown>) | null): void {
    this.send = send;
    void this.pump();
  }

  type(piece: Piece): void {
    const last = this.waiting.at(-1);
    if (typeof last === "string" && typeof piece === "string") this.waiting[this.waiting.length - 1] = last + piece;
    else this.waiting.push(piece);
    void this.pump();
  }

  /** Forgets what no shell has taken: keys for a lost connection are not typed into the next one. */
  forget(): void {
    this.waiting = [];
  }

  private async pump(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    while (this.send) {
      const piece = this.waiting.shift();
      if (piece === undefined) break;
      try {
        await this.send(piece);
      } catch (error) {
        this.onError(error);
      }
    }
    this.busy = false;
  }
}
