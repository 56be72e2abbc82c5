// The parameters of an address as plain texts, so that addresses stay readable and can be typed by hand.

export type Search = Record<string, string>;

export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (typeof value === "string" && value !== "") params.set(key, value);
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}

/** Where to go after signing in: an address of this app, and never another site's. */
export function safeBack(back: string | undefined): string {
  return back && back.startsWith("/") && !back.startsWith("//") && !back.startsWith("/\\") ? back : "/";
}
