// Starts the desktop's screens: look, backend, desk.
import { openBackend } from "@luumen/backend";
import { applyDensity, Failed, KitProvider } from "@luumen/kit";
import "@luumen/kit/styles.css";
import "@xterm/xterm/css/xterm.css";
import { createRoot } from "react-dom/client";

import { App } from "./shell/App";
import "./styles";

applyDensity();

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");

const backend = openBackend();

createRoot(root).render(
  <KitProvider>
    {backend ? (
      <App backend={backend} />
    ) : (
      <main className="boot">
        <Failed doing="open the workbench" error={new Error("This page belongs into Luumen's own window. Start the desktop app.")} />
      </main>
    )}
  </KitProvider>,
);
