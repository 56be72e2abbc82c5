// From an empty window to the desk: preferences first, because they decide how everything looks.
import type { Backend } from "@luumen/backend";
import { Failed, Loading } from "@luumen/kit";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { DeskProvider } from "../desk/context";
import { Desk } from "../desk/desk";
import { useStore } from "../desk/store";
import { FirstRun } from "../settings/FirstRun";
import { fontFamily } from "../terminal/themes";
import { Frame } from "./Frame";

type Boot = { state: "starting" } | { state: "failed"; error: unknown } | { state: "open"; desk: Desk };

async function openDesk(backend: Backend, queries: QueryClient): Promise<Desk> {
  const preferences = await backend.call("preferences_get", {});
  const desk = new Desk(backend, queries, preferences);
  await fontIsThere(preferences.font, preferences.font_size);
  await desk.start();
  if (import.meta.env.MODE === "test") (await import("../terminal/hook")).installTestHook(desk);
  return desk;
}

const FONT_WAIT_MS = 1500;

/** A terminal measures its font when it opens; one that comes later would leave wrong widths. */
async function fontIsThere(font: string, size: number): Promise<void> {
  const loaded = document.fonts.load(`${size}px ${fontFamily(font)}`);
  await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, FONT_WAIT_MS))]);
}

export function App({ backend }: { backend: Backend }) {
  const [queries] = useState(
    () => new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 30_000, refetchOnWindowFocus: false } } }),
  );
  const [boot, setBoot] = useState<Boot>({ state: "starting" });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let wanted = true;
    openDesk(backend, queries)
      .then((desk) => wanted && setBoot({ state: "open", desk }))
      .catch((error: unknown) => wanted && setBoot({ state: "failed", error }));
    return () => {
      wanted = false;
    };
  }, [backend, queries, attempt]);

  if (boot.state === "starting") {
    return (
      <main className="boot">
        <Loading what="the workbench" rows={3} />
      </main>
    );
  }
  if (boot.state === "failed") {
    return (
      <main className="boot">
        <Failed
          doing="open the workbench"
          error={boot.error}
          onRetry={() => {
            setBoot({ state: "starting" });
            setAttempt((count) => count + 1);
          }}
        />
      </main>
    );
  }
  return (
    <QueryClientProvider client={queries}>
      <DeskProvider value={boot.desk}>
        <Opened desk={boot.desk} />
      </DeskProvider>
    </QueryClientProvider>
  );
}

function Opened({ desk }: { desk: Desk }) {
  const done = useStore(desk.preferences, ({ first_run_done }) => first_run_done);
  return done ? <Frame /> : <FirstRun />;
}
