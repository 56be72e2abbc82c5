// The whole view of the package search as it stands in the URL.

export const OPERATORS = ["lt", "le", "eq", "ge", "gt"] as const;
export type Operator = (typeof OPERATORS)[number];

export const OPERATOR_SIGNS: Record<Operator, string> = { lt: "<", le: "≤", eq: "=", ge: "≥", gt: ">" };

export interface PackagesView {
  /** Part of a name, narrowing the list. */
  q: string;
  /** The package whose hosts are shown; nothing shows the list. */
  name: string | null;
  op: Operator | null;
  version: string;
}

type Params = Record<string, string>;

export function readPackagesView(params: Params): PackagesView {
  return {
    q: params["q"] ?? "",
    name: params["name"] || null,
    op: OPERATORS.find((op) => op === params["op"]) ?? null,
    version: params["version"] ?? "",
  };
}

export function writePackagesView(view: PackagesView): Params {
  const params: Params = {};
  if (view.q) params["q"] = view.q;
  if (view.name) params["name"] = view.name;
  if (view.op) params["op"] = view.op;
  if (view.version) params["version"] = view.version;
  return params;
}

/** The address of "which hosts have this package". */
export function packagesHref(name: string): string {
  return `/packages?${new URLSearchParams({ name })}`;
}

/** The question in words, such as `openssl < 3.0.7`. */
export function questionWords({ name, op, version }: PackagesView): string {
  return op && version ? `${name} ${OPERATOR_SIGNS[op]} ${version}` : (name ?? "");
}
