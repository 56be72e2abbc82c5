// Seats the first setup. The token stands behind #, which browsers never send to a server.
import { SetupPage } from "@luumen/features/session";
import { useRouter } from "@tanstack/react-router";

export default function SetupRoute() {
  const router = useRouter();
  return <SetupPage token={window.location.hash.slice(1)} onEntered={() => router.history.replace("/")} />;
}
