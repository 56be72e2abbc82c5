// The typed client. Every method answers with data or throws an `ApiError`.
import createClient, { type Middleware } from "openapi-fetch";

import { ApiError, readError } from "./error";
import type { paths } from "./schema";

type Listeners = Set<() => void>;

const signedOut: Listeners = new Set();
const otherWorkspace: Listeners = new Set();

const BY_CODE: Record<string, Listeners> = {
  "LUM-API-UNAUTHENTICATED": signedOut,
  "LUM-API-OTHER-WORKSPACE": otherWorkspace,
};

function listen(listeners: Listeners, listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Calls `listener` whenever the server says that nobody is signed in. */
export const onSignedOut = (listener: () => void) => listen(signedOut, listener);

/** Calls `listener` whenever the server did nothing because the session is in another workspace than this page shows. */
export const onOtherWorkspace = (listener: () => void) => listen(otherWorkspace, listener);

let shown: string | null = null;

/** Which workspace this page shows from now on. Every request says so, and the server does nothing when the session is in another. */
export function showWorkspace(id: string | null): void {
  shown = id;
}

/** The workspace that this page shows, once it is known. */
export const shownWorkspace = () => shown;

/** What every request carries, for those that are not sent by `api`. */
export const workspaceHeader = (): Record<string, string> => (shown === null ? {} : { "x-luumen-workspace": shown });

const workspace: Middleware = {
  onRequest({ request, schemaPath }) {
    // Signing in and out and switching are about the session itself, wherever it is.
    if (schemaPath.startsWith("/session") && request.method !== "GET") return;
    for (const [name, value] of Object.entries(workspaceHeader())) request.headers.set(name, value);
  },
};

const failures: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return;
    const error = await readError(response);
    for (const listener of BY_CODE[error.code] ?? []) listener();
    throw error;
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    if (error instanceof ApiError) return error;
    return new ApiError(0, null, undefined);
  },
};

export const api = createClient<paths>({ baseUrl: `${globalThis.location?.origin ?? ""}/api/v1` });
api.use(workspace, failures);

/** The data of an answer, for requests whose answer has some. */
export async function dataOf<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer;
  if (data === undefined) throw new ApiError(200, null, undefined);
  return data;
}
