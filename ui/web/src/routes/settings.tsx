// Seats the settings; the tab is in the address.
import { SETTINGS_TABS, SettingsPage } from "@luumen/features/settings";
import { getRouteApi, useNavigate } from "@tanstack/react-router";

const route = getRouteApi("/inside/settings");

export default function SettingsRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const tab = SETTINGS_TABS.find((each) => each === search["tab"]) ?? "workspace";
  return <SettingsPage tab={tab} onTab={(next) => void navigate({ to: "/settings", search: { tab: next } })} />;
}
