// Seats the feeds; search and drawer are in the address.
import { FeedsPage, readFeedsView, writeFeedsView } from "@luumen/features/vulnerabilities";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

const route = getRouteApi("/inside/vulnerabilities/feeds");

export default function FeedsRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const view = useMemo(() => readFeedsView(search), [search]);
  return <FeedsPage view={view} onView={(next) => void navigate({ to: "/vulnerabilities/feeds", search: writeFeedsView(next) })} />;
}
