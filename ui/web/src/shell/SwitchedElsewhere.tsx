// Says why the page began anew, until somebody has read it.
import { useSession, wasSwitchedElsewhere } from "@luumen/features/session";
import { StateMark } from "@luumen/kit";
import { Button } from "@mantine/core";
import { useState } from "react";

export function SwitchedElsewhere() {
  const { workspace_name } = useSession();
  const [unread, setUnread] = useState(wasSwitchedElsewhere);
  if (!unread) return null;
  return (
    <div className="shell-banner" role="status">
      <StateMark tone="warning" word={`This window shows ${workspace_name} now`} />
      <p>Another window of this browser switched the workspace. What was not saved here before that was not done.</p>
      <Button size="compact-xs" variant="default" onClick={() => setUnread(false)}>
        Understood
      </Button>
    </div>
  );
}
