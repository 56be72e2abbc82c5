// How questions to the server are kept and repeated.
import { ApiError } from "@luumen/api-client";
import { QueryClient } from "@tanstack/react-query";

const TRIES = 2;

/** Only what may pass by itself is asked again: no answer, or a server that is not well. */
function worthRepeating(tried: number, error: unknown): boolean {
  return tried < TRIES && error instanceof ApiError && (error.status === 0 || error.status === 503);
}

export const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: worthRepeating, staleTime: 5_000 } },
});
