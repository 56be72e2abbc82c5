// Seats the package search; the question is in the address.
import { PackagesPage, readPackagesView, writePackagesView } from "@luumen/features/packages";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

const route = getRouteApi("/inside/packages");

export default function PackagesRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const view = useMemo(() => readPackagesView(search), [search]);
  return (
    <PackagesPage view={view} onView={(next) => void navigate({ to: "/packages", search: writePackagesView(next) })} />
  );
}
