export const TABS = ["profile", "security", "appearance", "limits"] as const;
export type Tab = (typeof TABS)[number];

export type SettingsSearch = { tab?: Tab };

/** What of an address the page Settings reads; the rest is left out. */
export function settingsSearch({ tab }: Record<string, unknown>): SettingsSearch {
  const named = TABS.find((one) => one === tab);
  return named ? { tab: named } : {};
}
