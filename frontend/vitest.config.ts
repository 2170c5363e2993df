import { defineConfig, mergeConfig } from "vitest/config";

import base from "./vite.config.ts";

export default mergeConfig(
  base,
  defineConfig({
    test: {
      environment: "happy-dom",
      include: ["src/**/*.test.{ts,tsx}"],
      setupFiles: ["./tests/setup.ts"],
      testTimeout: 60_000,
      restoreMocks: true,
      unstubGlobals: true,
      env: { TZ: "America/New_York" },
    },
  }),
);
