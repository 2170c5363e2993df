import { Monitor, Moon, Sun } from "lucide-react";

import { Menu } from "@/components/ui/menu";
import { chooseTheme, THEMES, useTheme } from "@/lib/theme";

const LOOKS = {
  system: { icon: Monitor, label: "As the system" },
  light: { icon: Sun, label: "Light" },
  dark: { icon: Moon, label: "Dark" },
};

export function ThemeMenu() {
  const theme = useTheme();
  const { icon: Icon, label } = LOOKS[theme];
  return (
    <Menu
      button={{ variant: "ghost", size: "icon", "aria-label": `Theme: ${label}`, children: <Icon aria-hidden /> }}
      chosen={label}
      items={THEMES.map((name) => ({ ...LOOKS[name], onSelect: () => chooseTheme(name) }))}
    />
  );
}
