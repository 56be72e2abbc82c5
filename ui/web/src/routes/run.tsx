// Seats one run.
import { RunPage } from "@luumen/features/runs";
import { getRouteApi, useNavigate } from "@tanstack/react-router";

const route = getRouteApi("/inside/runs/$runId");

export default function RunRoute() {
  const { runId } = route.useParams();
  const { q } = route.useSearch();
  const navigate = useNavigate();
  return (
    <RunPage
      id={runId}
      q={q ?? ""}
      onQ={(next) => void navigate({ to: "/runs/$runId", params: { runId }, search: next ? { q: next } : {} })}
    />
  );
}
