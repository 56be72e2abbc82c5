// Starts the web app: look, client, router.
import { applyDensity, KitProvider } from "@luumen/kit";
import "@luumen/kit/styles.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";

import { queryClient } from "./client";
import { router } from "./router";
import "./shell/shell.css";

applyDensity();

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");

createRoot(root).render(
  <KitProvider>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </KitProvider>,
);
