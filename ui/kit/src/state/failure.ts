// One way to speak of a failure: what happened, why, what to do next, its code.

export interface Failure {
  title: string;
  detail?: string | undefined;
  nextStep?: string | undefined;
  code: string;
  requestId?: string | undefined;
}

/** An error that knows how to speak of itself. */
export interface Describable {
  failure: Failure;
}

function isDescribable(error: unknown): error is Describable {
  return error instanceof Error && "failure" in error;
}

/** What to show for any error that was thrown. */
export function describeFailure(error: unknown): Failure {
  if (isDescribable(error)) return error.failure;
  return {
    title: "The page made a mistake",
    detail: error instanceof Error ? error.message : String(error),
    nextStep: "Reload the page; if it stays, report it with the code.",
    code: "LUM-WEB-BUG",
  };
}
