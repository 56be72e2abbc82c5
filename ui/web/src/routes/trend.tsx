// Seats the trend; its span is in the address.
import { readTrendView, TrendPage, writeTrendView } from "@luumen/features/vulnerabilities";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

const route = getRouteApi("/inside/vulnerabilities/trend");

export default function TrendRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const view = useMemo(() => readTrendView(search), [search]);
  return <TrendPage view={view} onView={(next) => void navigate({ to: "/vulnerabilities/trend", search: writeTrendView(next) })} />;
}
