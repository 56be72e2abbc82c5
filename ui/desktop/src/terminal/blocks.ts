// Command blocks from a shell's own marks (OSC 133): where a prompt, a command and its output begin, and how it ended.
// The shell has to offer the marks; nothing is guessed from what a prompt looks like.

/** A place in the terminal that moves with its line; -1 once the line has left the scrollback. */
export interface Mark {
  readonly line: number;
}

export interface Block {
  id: number;
  /** Line of the prompt. */
  prompt: Mark;
  /** Where the output begins; null while the command is typed. */
  output: Mark | null;
  end: Mark | null;
  command: string;
  /** Null when the shell did not say. */
  exit: number | null;
  started_at: number | null;
  ended_at: number | null;
}

export interface BlockSource {
  /** A mark at the line of the cursor. */
  mark(): Mark | undefined;
  /** What was typed between the end of the prompt and the cursor. */
  typed(from: Mark, column: number): string;
  column(): number;
  now(): number;
}

const KEPT = 1000;

/** Follows the marks of one shell. */
export class BlockTracker {
  private list: Block[] = [];
  private current: Block | null = null;
  private commandFrom: { mark: Mark; column: number } | null = null;
  private count = 0;

  constructor(
    private readonly source: BlockSource,
    private readonly onChange: (block: Block) => void,
  ) {}

  get blocks(): readonly Block[] {
    return this.list;
  }

  /** The body of an OSC 133 sequence, such as `A`, `C` or `D;1`. True when it was understood. */
  handle(body: string): boolean {
    const [kind, ...params] = body.split(";");
    switch (kind) {
      case "A":
      case "N":
        this.beginPrompt();
        return true;
      case "P":
        return true;
      case "B":
        this.beginCommand();
        return true;
      case "C":
        this.beginOutput(params);
        return true;
      case "D":
        this.end(params);
        return true;
      default:
        return false;
    }
  }

  /** The shell is gone: what ran did not end by itself. */
  reset(): void {
    this.current = null;
    this.commandFrom = null;
  }

  private beginPrompt(): void {
    const prompt = this.source.mark();
    if (!prompt) return;
    // A prompt that is drawn again (a resize, an empty line) begins no new block.
    if (this.current && this.current.output === null) this.list = this.list.filter((block) => block !== this.current);
    this.count += 1;
    this.current = { id: this.count, prompt, output: null, end: null, command: "", exit: null, started_at: null, ended_at: null };
    this.commandFrom = null;
    this.list = [...this.list, this.current].slice(-KEPT);
    this.onChange(this.current);
  }

  private beginCommand(): void {
    const mark = this.source.mark();
    if (mark) this.commandFrom = { mark, column: this.source.column() };
  }

  private beginOutput(params: string[]): void {
    if (!this.current) return;
    const told = params.find((param) => param.startsWith("cmdline_url="))?.slice("cmdline_url=".length);
    this.current.command = told !== undefined ? unescaped(told) : this.typedCommand();
    this.current.output = this.source.mark() ?? null;
    this.current.started_at = this.source.now();
    this.onChange(this.current);
  }

  private typedCommand(): string {
    if (!this.commandFrom) return "";
    return this.source.typed(this.commandFrom.mark, this.commandFrom.column).trim();
  }

  private end(params: string[]): void {
    const block = this.current;
    if (!block || block.output === null || block.ended_at !== null) return;
    const code = Number.parseInt(params[0] ?? "", 10);
    block.exit = Number.isNaN(code) ? null : code;
    block.end = this.source.mark() ?? null;
    block.ended_at = this.source.now();
    this.onChange(block);
  }
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The prompt before or after a line, for jumping between commands. */
export function neighbourPrompt(blocks: readonly Block[], line: number, direction: -1 | 1): number | null {
  const lines = blocks.map((block) => block.prompt.line).filter((each) => each >= 0);
  if (direction < 0) return lines.filter((each) => each < line).at(-1) ?? null;
  return lines.find((each) => each > line) ?? null;
}

/** The folder in an OSC 7 sequence such as `file://db-3/var/log`. */
export function folderIn(body: string): string | null {
  const match = /^file:\/\/[^/]*(\/.*)$/.exec(body);
  return match?.[1] ? unescaped(match[1]) : null;
}
