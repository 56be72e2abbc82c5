// On a page where a connection is mended: the way back to it, which tries it again.
import { Button } from "@mantine/core";
import { useEffect } from "react";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";

export function BackToConnection() {
  const desk = useDesk();
  const pane = useStore(desk.mending);
  const page = useStore(desk.view, (view) => view.page);
  const title = useStore(desk.layout, (layout) => (pane ? layout.panes[pane]?.title : undefined));
  useEffect(() => {
    // Who went back by themselves is there.
    if (page === "sessions") desk.mending.set(null);
  }, [desk, page]);
  if (pane === null || title === undefined || page === "sessions") return null;
  const back = () => {
    desk.show(pane);
    desk.reconnect(pane);
  };
  return (
    <div className="banner" data-tone="stale" role="status">
      <p>The connection to {title} waits to be tried again</p>
      <Button size="compact-xs" onClick={back}>
        Back to the connection
      </Button>
    </div>
  );
}
