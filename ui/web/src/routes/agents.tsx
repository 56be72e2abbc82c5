// Seats agents and runs; search and choices are in the address.
import { AgentsPage, readAgentsView, writeAgentsView } from "@luumen/features/runs";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

const route = getRouteApi("/inside/agents");

export default function AgentsRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const view = useMemo(() => readAgentsView(search), [search]);
  return <AgentsPage view={view} onView={(next) => void navigate({ to: "/agents", search: writeAgentsView(next), resetScroll: false })} />;
}
