// The parameters of a list's address as a saved view keeps them.
import type { View } from "@luumen/api-client";

type Params = Record<string, string>;

export function writeSearch(params: Params): string {
  return new URLSearchParams(params).toString();
}

export function readSearch(search: string): Params {
  return Object.fromEntries(new URLSearchParams(search));
}

/** The saved view that a list shows just now, whatever the order of its parameters. */
export function shownView(views: View[], search: string): View | undefined {
  const shown = sorted(search);
  return views.find((view) => sorted(view.search) === shown);
}

/** The view that has a name already, as the server compares them. */
export function viewNamed(views: View[], name: string): View | undefined {
  return views.find((view) => view.name === name.trim());
}

function sorted(search: string): string {
  const params = new URLSearchParams(search);
  params.sort();
  return params.toString();
}
