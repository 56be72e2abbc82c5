// The palette: hosts, vulnerabilities and packages as they are typed, pages, and what can be done.
import { lookUp } from "@luumen/features/search";
import { useMay } from "@luumen/features/session";
import { Palette, useAppearance, useGo, type PaletteGroup } from "@luumen/kit";
import { useCallback, useMemo } from "react";

import { INNER_PAGES, PAGES } from "./pages";
import { useSignOut } from "./useSignOut";

export function CommandPalette({ opened, onOpen, onClose }: { opened: boolean; onOpen: () => void; onClose: () => void }) {
  const go = useGo();
  const signOut = useSignOut();
  const { setScheme } = useAppearance();
  const mayWrite = useMay("write_hosts");
  const mayExcept = useMay("write_exceptions");
  const fixed = useMemo<PaletteGroup[]>(
    () => [
      {
        title: "Pages",
        entries: [...PAGES, ...INNER_PAGES].map(({ name, href, keys }) => ({ id: `page:${href}`, name, hint: keys, run: () => go(href) })),
      },
      {
        title: "Actions",
        entries: [
          ...(mayWrite
            ? [
                { id: "add-host", name: "Add a host", run: () => go("/hosts?panel=add") },
                { id: "import", name: "Import hosts from CSV", run: () => go("/hosts?panel=import") },
              ]
            : []),
          { id: "exploited", name: "Show what is known to be exploited", run: () => go("/vulnerabilities?q=kev%3Ayes") },
          ...(mayExcept ? [{ id: "add-exception", name: "Add an exception", run: () => go("/vulnerabilities/exceptions?panel=add") }] : []),
          { id: "keys", name: "API keys", run: () => go("/settings?tab=keys") },
          { id: "stale", name: "Show stale hosts", run: () => go("/hosts?q=state%3Astale") },
          { id: "failing", name: "Show failing hosts", run: () => go("/hosts?q=state%3Afailing") },
          { id: "light", name: "Light theme", run: () => setScheme("light") },
          { id: "dark", name: "Dark theme", run: () => setScheme("dark") },
          { id: "sign-out", name: "Sign out", run: signOut },
        ],
      },
    ],
    [go, mayWrite, mayExcept, setScheme, signOut],
  );
  const look = useCallback((typed: string) => lookUp(typed, go), [go]);
  return <Palette opened={opened} onOpen={onOpen} onClose={onClose} fixed={fixed} look={look} />;
}
