import { Card, CardContent } from "@/components/ui/card";
import { chooseTheme, THEMES, useTheme, type Theme } from "@/lib/theme";

const WORDS: Readonly<Record<Theme, { label: string; hint: string }>> = {
  system: { label: "As the system", hint: "Follows this device, also when it changes in the evening." },
  light: { label: "Light", hint: "Dark text on light surfaces." },
  dark: { label: "Dark", hint: "Light text on dark surfaces." },
};

/** The theme of this browser; the menu at the top right sets the same. */
export function AppearanceTab() {
  const theme = useTheme();
  return (
    <Card>
      <CardContent>
        <fieldset className="space-y-3">
          <legend className="text-base font-semibold">Theme</legend>
          <p className="text-muted-foreground">Kept in this browser only.</p>
          {THEMES.map((name) => (
            <div key={name} className="flex items-start gap-3">
              <input
                type="radio"
                id={`theme-${name}`}
                name="theme"
                className="mt-0.5 size-4.5 accent-primary"
                checked={theme === name}
                aria-describedby={`theme-${name}-hint`}
                onChange={() => chooseTheme(name)}
              />
              <span>
                <label htmlFor={`theme-${name}`} className="font-medium">
                  {WORDS[name].label}
                </label>
                <span id={`theme-${name}-hint`} className="block text-muted-foreground">
                  {WORDS[name].hint}
                </span>
              </span>
            </div>
          ))}
        </fieldset>
      </CardContent>
    </Card>
  );
}
