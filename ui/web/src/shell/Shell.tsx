// The frame of every page behind the door: rail, search, keys.
import { useSignedIn } from "@luumen/features/session";
import { KeyHelp, NavigateProvider, useKeys } from "@luumen/kit";
import { Outlet, useRouter } from "@tanstack/react-router";
import { Suspense, useCallback, useState } from "react";

import { CommandPalette } from "./CommandPalette";
import { INNER_PAGES, PAGES } from "./pages";
import { Rail } from "./Rail";
import { SwitchedElsewhere } from "./SwitchedElsewhere";
import { UnansweredBanner } from "./UnansweredBanner";
import { Waiting } from "./Pages";

export default function Shell() {
  // When the session ends, the way to the door begins; until it is reached there is nothing to show.
  return useSignedIn() ? <Frame /> : null;
}

function Frame() {
  const router = useRouter();
  const go = useCallback((href: string) => router.history.push(href), [router]);
  const [searching, setSearching] = useState(false);
  useKeys([...PAGES, ...INNER_PAGES].map(({ keys, name, href }) => ({ keys, label: `Go to ${name}`, run: () => go(href) })));
  return (
    <NavigateProvider value={go}>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <div className="shell">
        <Rail onSearch={() => setSearching(true)} />
        <div className="shell-main">
          <SwitchedElsewhere />
          <UnansweredBanner />
          <div className="shell-page">
            <Suspense fallback={<Waiting />}>
              <Outlet />
            </Suspense>
          </div>
        </div>
      </div>
      <CommandPalette opened={searching} onOpen={() => setSearching(true)} onClose={() => setSearching(false)} />
      <KeyHelp />
    </NavigateProvider>
  );
}
