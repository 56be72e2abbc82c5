// How the desktop's screens are built: `build` for the window, `build:test` with the hook that tests read terminals by.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  clearScreen: false,
  // The window loads files of its own; nothing is fetched from an address.
  base: "./",
  build: {
    // WebKitGTK 2.40 and later, WebView2, WKWebView of macOS 13.
    target: ["es2022", "safari16"],
    chunkSizeWarningLimit: 1600,
  },
  server: { port: 1420, strictPort: true },
});
