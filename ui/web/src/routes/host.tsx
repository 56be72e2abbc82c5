// Seats one host; tab, snapshot and comparison are in the address.
import { HostPage, readHostView, writeHostView } from "@luumen/features/hosts";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

const route = getRouteApi("/inside/hosts/$hostId");

export default function HostRoute() {
  const { hostId } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const view = useMemo(() => readHostView(search), [search]);
  return (
    <HostPage
      key={hostId}
      id={hostId}
      view={view}
      onView={(next) =>
        void navigate({
          to: "/hosts/$hostId",
          params: { hostId },
          search: writeHostView(next),
          resetScroll: next.tab !== view.tab,
        })
      }
    />
  );
}
