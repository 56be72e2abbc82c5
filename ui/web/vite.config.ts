// How the web app is built: one small first load, a chunk for each route, the plots apart.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    // ECharts is large, and is loaded only where a plot is drawn.
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: { "/api": process.env["LUUMEN_SERVER"] ?? "http://127.0.0.1:8420" },
  },
});
