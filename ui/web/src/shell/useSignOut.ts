// Signs out and goes to the door.
import { signOut } from "@luumen/features/session";
import { notifyFailed } from "@luumen/kit";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";

export function useSignOut(): () => void {
  const client = useQueryClient();
  const router = useRouter();
  return () => {
    signOut()
      .then(async () => {
        await router.navigate({ to: "/sign-in", search: {} });
        client.clear();
      })
      .catch((error: unknown) => notifyFailed("sign out", error));
  };
}
