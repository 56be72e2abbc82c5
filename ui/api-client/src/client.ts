// The typed client. Every method answers with data or throws an `ApiError`.
import createClient, { type Middleware } from "openapi-fetch";

import { ApiError, readError } from "./error";
import type { paths } from "./schema";

const signedOutListeners = new Set<() => void>();

/** Calls `listener` whenever the server says that nobody is signed in. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

const failures: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return;
    const error = await readError(response);
    if (error.code === "LUM-API-UNAUTHENTICATED") {
      for (const listener of signedOutListeners) listener();
    }
    throw error;
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    if (error instanceof ApiError) return error;
    return new ApiError(0, null, undefined);
  },
};

export const api = createClient<paths>({ baseUrl: `${globalThis.location?.origin ?? ""}/api/v1` });
api.use(failures);

/** The data of an answer, for requests whose answer has some. */
export async function dataOf<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer;
  if (data === undefined) throw new ApiError(200, null, undefined);
  return data;
}
