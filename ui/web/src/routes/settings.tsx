// Seats the settings; the tab is in the address.
import { readSettingsView, SettingsPage, writeSettingsView } from "@luumen/features/settings";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

const route = getRouteApi("/inside/settings");

export default function SettingsRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const view = useMemo(() => readSettingsView(search), [search]);
  return <SettingsPage view={view} onView={(next) => void navigate({ to: "/settings", search: writeSettingsView(next) })} />;
}
