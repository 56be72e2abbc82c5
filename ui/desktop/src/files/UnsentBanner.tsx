// After a start: what was changed when Luumen was open before, and never reached its host.
import { plural } from "@luumen/kit";
import { Button } from "@mantine/core";
import { useState } from "react";

import { useDesk } from "../desk/context";
import { useStore } from "../desk/store";

/** More than these are only counted. */
const NAMED = 2;

export function UnsentBanner() {
  const desk = useDesk();
  const page = useStore(desk.view, (view) => view.page);
  const left = [...useStore(desk.follow.edits).values()].filter(({ session, changed }) => session === null && changed);
  const [later, setLater] = useState(false);
  // The page of files shows them.
  if (later || page === "files" || left.length === 0) return null;
  const named = left.slice(0, NAMED).map(({ path, title }) => `${path.split("/").at(-1)} on ${title}`);
  const more = left.length - named.length;
  return (
    <div className="banner" data-tone="stale" role="status">
      <p>
        {left.length === 1 ? "A change was" : `${left.length} changes were`} not sent before Luumen was closed: {named.join(", ")}
        {more > 0 && ` and ${plural(more, "other")}`}
      </p>
      <Button size="compact-xs" onClick={() => desk.go("files")}>
        {left.length === 1 ? "Show it" : "Show them"}
      </Button>
      <Button size="compact-xs" variant="subtle" onClick={() => setLater(true)}>
        Later
      </Button>
    </div>
  );
}
