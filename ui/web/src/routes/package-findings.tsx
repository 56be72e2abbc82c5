// Seats the findings of one package; their whole view is in the address.
import { PackagePage, readFindingsView, writeFindingsView } from "@luumen/features/vulnerabilities";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

const route = getRouteApi("/inside/vulnerabilities/packages/$packageName");

export default function PackageRoute() {
  const { packageName } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const view = useMemo(() => readFindingsView(search), [search]);
  return (
    <PackagePage
      key={packageName}
      name={packageName}
      view={view}
      onView={(next) =>
        void navigate({ to: "/vulnerabilities/packages/$packageName", params: { packageName }, search: writeFindingsView(next), resetScroll: false })
      }
    />
  );
}
