// The three ways to the workbench. `tauri` and `http` are two doors to them; the screens know only this.
import type { Calls, Event, Problem } from "./contract";

export type CallName = keyof Calls;
export type Args<N extends CallName> = Calls[N]["args"];
export type Answer<N extends CallName> = Calls[N]["answer"];

/** Ends what was begun: events stop, bytes are no longer taken. */
export type Stop = () => void;

export interface Backend {
  /** Where the screens run, for what only the window can do. */
  kind: "tauri" | "http";
  call<N extends CallName>(name: N, args: Args<N>): Promise<Answer<N>>;
  /** Everything that the workbench tells by itself, in order. `lost` is called when the way breaks. */
  events(onEvent: (event: Event) => void, onLost?: (reason: string) => void): Promise<Stop>;
  /**
   * What a terminal says, in order, as bytes or as the text that they are, and how many bytes that was. Nothing is lost between opening a
   * terminal and attaching to it.
   */
  attach(terminal: string, onOutput: (output: Uint8Array | string, bytes: number) => void): Promise<Stop>;
  /** Asks the system for a file or folder; null when the person thought better of it, undefined where there is no such dialog. */
  choosePath?(what: ChoosePath): Promise<string | null>;
  /** What happens to the window itself: files dropped onto it, a link that asks for a connection. */
  happenings?(onHappening: (happening: Happening) => void): Promise<Stop>;
  /** Opens the copy of a host's file in the device's text editor; undefined where there is none to start. */
  openEdit?(edit: string): Promise<void>;
  /** Opens a link with the system's browser. */
  openLink(url: string): Promise<void>;
}

export type Happening =
  | { event: "link"; text: string }
  | { event: "drag_over"; x: number; y: number }
  | { event: "drag_leave" }
  | { event: "drop"; paths: string[]; x: number; y: number };

export interface ChoosePath {
  kind: "open" | "save" | "folder";
  title: string;
  suggested?: string;
}

/** A call that failed, in the words of the workbench. */
export class CallError extends Error {
  readonly failure: { title: string; detail: string; nextStep?: string; code: string };

  constructor(
    readonly call: string,
    readonly problem: Problem,
  ) {
    super(problem.title);
    this.name = "CallError";
    this.failure = {
      title: problem.title,
      detail: problem.detail,
      code: problem.code,
      ...(problem.next ? { nextStep: problem.next } : {}),
    };
  }
}

/** Reads whatever a door threw as the problem it is. */
export function asCallError(call: string, thrown: unknown): CallError {
  if (thrown instanceof CallError) return thrown;
  if (isProblem(thrown)) return new CallError(call, thrown);
  return new CallError(call, {
    code: "LUM-DESKTOP-DOOR",
    title: "The window could not reach the workbench",
    detail: thrown instanceof Error ? thrown.message : String(thrown),
    next: "Start Luumen again. Sessions that were open are lost; hosts and logs are kept.",
  });
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "title" in value;
}
