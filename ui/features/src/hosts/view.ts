// The whole view of the host list as it stands in the URL.

/** Columns that the server can sort by. */
export const SORTS = ["name", "address", "state", "os", "kernel", "packages", "last_seen"] as const;
export type Sort = (typeof SORTS)[number];

export interface HostsView {
  q: string;
  sort: Sort;
  descending: boolean;
  /** Columns shown; nothing means the person's usual ones. */
  columns: string[] | null;
  /** What is open beside the list: `add`, `import`, or the id of a host that is edited. */
  panel: string | null;
}

export type Params = Record<string, string>;

/** Reads the view out of the URL's parameters; what makes no sense is left out. */
export function readHostsView(params: Params): HostsView {
  const written = params["sort"] ?? "";
  const descending = written.startsWith("-");
  const name = descending ? written.slice(1) : written;
  const sort = SORTS.find((each) => each === name);
  return {
    q: params["q"] ?? "",
    sort: sort ?? "name",
    descending: sort !== undefined && descending,
    columns: params["columns"]?.split(",").filter(Boolean) ?? null,
    panel: params["panel"] ?? null,
  };
}

/** The URL's parameters for a view; what is as usual is not written. */
export function writeHostsView(view: HostsView): Params {
  const params: Params = {};
  if (view.q) params["q"] = view.q;
  if (view.sort !== "name" || view.descending) params["sort"] = (view.descending ? "-" : "") + view.sort;
  if (view.columns) params["columns"] = view.columns.join(",");
  if (view.panel) params["panel"] = view.panel;
  return params;
}

/** The address of the host list with a filter. */
export function hostsHref(q: string): string {
  return q ? `/hosts?${new URLSearchParams({ q })}` : "/hosts";
}
