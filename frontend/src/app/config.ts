import { createContext, use } from "react";

import type { Config } from "@/lib/config";

export const ConfigContext = createContext<Config | null>(null);

export function useConfig(): Config {
  const config = use(ConfigContext);
  if (!config) throw new Error("There is no ConfigContext around this component.");
  return config;
}
