// Seats the exceptions; search and drawer are in the address.
import { ExceptionsPage, readExceptionsView, writeExceptionsView } from "@luumen/features/vulnerabilities";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

const route = getRouteApi("/inside/vulnerabilities/exceptions");

export default function ExceptionsRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const view = useMemo(() => readExceptionsView(search), [search]);
  return <ExceptionsPage view={view} onView={(next) => void navigate({ to: "/vulnerabilities/exceptions", search: writeExceptionsView(next) })} />;
}
