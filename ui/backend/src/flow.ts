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

/**
 * Sends what is typed in the order in which it was typed: one call at a time, and what comes meanwhile goes together
 * with the next. Keys that are pressed before there is a shell wait for it.
 */
export class Typist {
  private waiting = "";
  private busy = false;
  private send: ((text: string) => Promise<unknown>) | null = null;

  constructor(private readonly onError: (error: unknown) => void) {}

  /** There is a shell now (or none, with null). */
  connect(send: ((text: string) => Promise<unknown>) | null): void {
    this.send = send;
    void this.pump();
  }

  type(text: string): void {
    this.waiting += text;
    void this.pump();
  }

  /** Forgets what no shell has taken: keys for a lost connection are not typed into the next one. */
  forget(): void {
    this.waiting = "";
  }

  private async pump(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    while (this.send && this.waiting !== "") {
      const text = this.waiting;
      this.waiting = "";
      try {
        await this.send(text);
      } catch (error) {
        this.onError(error);
      }
    }
    this.busy = false;
  }
}
