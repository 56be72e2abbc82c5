// Seats sign-in, and leads back to where the person came from.
import { SignInPage } from "@luumen/features/session";
import { getRouteApi, useRouter } from "@tanstack/react-router";

import { safeBack } from "../search";

const route = getRouteApi("/sign-in");

export default function SignInRoute() {
  const { back, ended } = route.useSearch();
  const router = useRouter();
  return (
    <SignInPage
      {...(ended && { notice: "Your session has ended. Sign in to go on where you were." })}
      onEntered={() => router.history.push(safeBack(back))}
    />
  );
}
