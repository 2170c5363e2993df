import { fileURLToPath } from "node:url";

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

import headers from "./headers.json" with { type: "json" };

/** Where `make up` serves the product; the development server passes on what is not a page. */
const BACKEND = process.env.LEGWISE_BACKEND ?? "http://127.0.0.1:5173";
const PASSED_ON = Object.fromEntries(["/api", "/cognito", "/config.json"].map((path) => [path, { target: BACKEND }]));

/** As on the laptop: nobody but this origin is talked to. */
const LOCAL_HEADERS = Object.fromEntries(
  Object.entries(headers).map(([name, value]) => [name, value.replace("{sign_in}", "")]),
);

/** Scripts give way to the style sheet, so that the frame in `index.html` is painted while they come. */
const scriptsGiveWay: Plugin = {
  name: "scripts-give-way",
  transformIndexHtml: { order: "post", handler: (html) => html.replaceAll(/<(script type="module"|link rel="modulepreload")/g, '$& fetchpriority="low"') },
};

export default defineConfig({
  plugins: [react(), tailwindcss(), scriptsGiveWay],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { host: "127.0.0.1", port: 5174, strictPort: true, proxy: PASSED_ON },
  preview: { host: "127.0.0.1", port: 5174, strictPort: true, proxy: PASSED_ON, headers: LOCAL_HEADERS },
  build: {
    target: "es2022",
    manifest: true,
    sourcemap: "hidden",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What seldom changes stays in the browser's cache over releases of the pages.
            { name: "react", test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/, priority: 2 },
            { name: "tanstack", test: /node_modules[\\/]@tanstack[\\/]/, priority: 1 },
            // One file instead of a dozen small ones, each of which would wait for its turn.
            { name: "shared", test: /src[\\/](components|lib|api)[\\/]|lucide-react|tailwind-merge|clsx|class-variance/, minShareCount: 3, priority: 0 },
          ],
        },
      },
    },
  },
});
