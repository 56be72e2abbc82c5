// Signs in with a one-time link as soon as it is opened.
import type { SessionInfo } from "@luumen/api-client";
import { Failed, Link, Loading } from "@luumen/kit";
import { useEffect, useRef, useState } from "react";

import { DoorFrame } from "./DoorFrame";
import { signInWithLink, useEnter } from "./queries";

export function LinkPage({ token, onEntered }: { token: string; onEntered: (session: SessionInfo) => void }) {
  const enter = useEnter();
  const [error, setError] = useState<unknown>(null);
  const spent = useRef(false);

  useEffect(() => {
    // The link works once, so it is sent once.
    if (spent.current) return;
    spent.current = true;
    signInWithLink(token)
      .then((session) => {
        enter(session);
        onEntered(session);
      })
      .catch(setError);
  }, [token, enter, onEntered]);

  return (
    <DoorFrame title="Signing in">
      {error ? (
        <>
          <Failed doing="sign in with this link" error={error} />
          <p>
            <Link href="/sign-in">Sign in with a password</Link>
          </p>
        </>
      ) : (
        <Loading what="your workspace" rows={2} />
      )}
    </DoorFrame>
  );
}
