// Seats the host list; its whole view is in the address.
import { HostsPage, readHostsView, writeHostsView } from "@luumen/features/hosts";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

const route = getRouteApi("/inside/hosts");

export default function HostsRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const view = useMemo(() => readHostsView(search), [search]);
  return <HostsPage view={view} onView={(next) => void navigate({ to: "/hosts", search: writeHostsView(next) })} />;
}
