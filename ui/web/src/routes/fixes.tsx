// Seats the fixes; filter, order and drawer are in the address.
import { FixesPage, readFixesView, writeFixesView } from "@luumen/features/vulnerabilities";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

const route = getRouteApi("/inside/vulnerabilities/fixes");

export default function FixesRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const view = useMemo(() => readFixesView(search), [search]);
  return <FixesPage view={view} onView={(next) => void navigate({ to: "/vulnerabilities/fixes", search: writeFixesView(next) })} />;
}
