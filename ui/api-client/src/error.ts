// What a request can fail with: the server's problem document, or no answer at all.
import type { components } from "./schema";

export type Problem = components["schemas"]["ProblemDetails"];

/** An answer that is an error, or no answer. It speaks for itself through `failure`. */
export class ApiError extends Error {
  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    readonly problem: Problem | null,
    readonly requestId: string | undefined,
  ) {
    super(problem?.detail ?? problem?.title ?? (status === 0 ? "no answer" : `answer ${status}`));
    this.name = "ApiError";
  }

  get code(): string {
    return this.problem?.code ?? (this.status === 0 ? "LUM-WEB-OFFLINE" : "LUM-WEB-ANSWER");
  }

  /** Messages by field, for forms. */
  get fields(): Record<string, string> {
    return Object.fromEntries((this.problem?.errors ?? []).map(({ field, message }) => [field, message]));
  }

  get failure() {
    if (this.problem) {
      const { title, detail, next_step } = this.problem;
      return {
        title,
        detail: detail ?? undefined,
        nextStep: next_step ?? undefined,
        code: this.code,
        requestId: this.requestId,
      };
    }
    if (this.status === 0) {
      return {
        title: "The server did not answer",
        detail: "it may be restarting, or this device has no connection to it",
        nextStep: "Try again in a moment.",
        code: this.code,
        requestId: undefined,
      };
    }
    return {
      title: `The server answered ${this.status} without saying why`,
      detail: undefined,
      nextStep: "Try again; if it stays, look for the request in the server's log.",
      code: this.code,
      requestId: this.requestId,
    };
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "title" in body;
}

/** Reads an answer that is not a success. */
export async function readError(response: Response): Promise<ApiError> {
  let body: unknown = null;
  try {
    body = await response.clone().json();
  } catch {
    // Not JSON: something between us and the server answered.
  }
  const problem = isProblem(body) ? body : null;
  const requestId = problem?.request_id ?? response.headers.get("x-request-id") ?? undefined;
  return new ApiError(response.status, problem, requestId);
}
