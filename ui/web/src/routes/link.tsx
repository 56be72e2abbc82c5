// Seats the one-time link. The token stands behind #, which browsers never send to a server.
import { LinkPage } from "@luumen/features/session";
import { useRouter } from "@tanstack/react-router";
import { useCallback, useState } from "react";

export default function LinkRoute() {
  const router = useRouter();
  const [token] = useState(() => window.location.hash.slice(1));
  const onEntered = useCallback(() => router.history.replace("/"), [router]);
  return <LinkPage token={token} onEntered={onEntered} />;
}
