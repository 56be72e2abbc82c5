// Seats the feeds; the search is in the address.
import { FeedsPage } from "@luumen/features/vulnerabilities";
import { getRouteApi, useNavigate } from "@tanstack/react-router";

const route = getRouteApi("/inside/vulnerabilities/feeds");

export default function FeedsRoute() {
  const { q } = route.useSearch();
  const navigate = useNavigate();
  return <FeedsPage q={q ?? ""} onQ={(next) => void navigate({ to: "/vulnerabilities/feeds", search: next ? { q: next } : {} })} />;
}
