// In the place of a host's files while that host is not connected.
import type { contract } from "@luumen/backend";
import { Empty, Loading } from "@luumen/kit";
import { Button } from "@mantine/core";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";

/** `pane` is the one that can connect it again, while it is there. */
export function NotConnected({ session: { id, title, host, state }, pane }: { session: contract.Session; pane: string | null }) {
  const desk = useDesk();
  const asks = useStore(desk.follow.questions, (questions) => questions.some(({ session }) => session === id));
  const there = useStore(desk.layout, (layout) => pane !== null && pane in layout.panes);
  if (state === "connecting" && !asks) return <Loading what={`the files of ${title}, which is being connected`} rows={8} />;
  return (
    <Empty
      title={asks ? `${title} asks something before it connects` : `${title} is not connected`}
      action={
        <>
          {there && pane !== null && !asks && (
            <Button size="xs" onClick={() => desk.reconnect(pane)}>
              Connect again
            </Button>
          )}
          {there && pane !== null && (
            <Button size="xs" variant={asks ? "filled" : "default"} onClick={() => desk.show(pane)}>
              Show its terminal
            </Button>
          )}
          {!there && host !== null && (
            <Button size="xs" onClick={() => desk.connect({ host, title })}>
              Connect
            </Button>
          )}
        </>
      }
    >
      {asks ? "The question stands over its terminal." : "Its files are shown again once it is. No other host takes its place here unless you choose one."}
    </Empty>
  );
}
