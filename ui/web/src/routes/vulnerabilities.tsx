// Seats the list of vulnerabilities; its whole view is in the address.
import { readFindingsView, VulnerabilitiesPage, writeFindingsView } from "@luumen/features/vulnerabilities";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

const route = getRouteApi("/inside/vulnerabilities");

export default function VulnerabilitiesRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const view = useMemo(() => readFindingsView(search), [search]);
  return <VulnerabilitiesPage view={view} onView={(next) => void navigate({ to: "/vulnerabilities", search: writeFindingsView(next) })} />;
}
