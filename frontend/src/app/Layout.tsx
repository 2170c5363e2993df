import { Link, Outlet } from "@tanstack/react-router";
import { Menu } from "lucide-react";
import { useCallback, useState } from "react";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/sheet";
import { useSecond } from "@/lib/clock";
import { istDate, istTime } from "@/lib/moments";

import { AwayBanner } from "./AwayBanner";
import { useConfig } from "./config";
import { PLACES } from "./navigation";
import { ThemeMenu } from "./ThemeMenu";
import { UserMenu } from "./UserMenu";

/** The frame of every page behind the sign-in. */
export function Layout() {
  const [menu, setMenu] = useState(false);
  const closeMenu = useCallback(() => setMenu(false), []);
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-md bg-primary px-4 py-2 text-primary-foreground focus:translate-y-0"
      >
        Skip to the page
      </a>
      <header className="sticky top-0 z-30 flex h-14 items-center gap-1 border-b bg-surface px-2 sm:gap-3 md:px-4">
        <Button variant="ghost" size="icon" className="md:hidden" aria-label="Open the menu" onClick={() => setMenu(true)}>
          <Menu aria-hidden />
        </Button>
        <Link to="/" className="rounded text-base font-semibold">
          Legwise
        </Link>
        <EnvironmentBadge />
        <div className="ml-auto flex items-center gap-1 sm:gap-2">
          <Clock />
          <ThemeMenu />
          <UserMenu />
        </div>
      </header>
      <AwayBanner />
      <div className="flex flex-1">
        <nav aria-label="Pages" className="sticky top-14 hidden h-[calc(100dvh-3.5rem)] w-52 shrink-0 border-r bg-surface p-3 md:block">
          <Places />
        </nav>
        <main id="main" tabIndex={-1} className="mx-auto w-full max-w-7xl min-w-0 flex-1 p-4 pb-24 outline-none md:p-6">
          <Outlet />
        </main>
      </div>
      <BottomBar />
      <Sheet open={menu} onClose={closeMenu} title="Legwise">
        <nav aria-label="All pages" className="p-3">
          <Places onChosen={closeMenu} />
        </nav>
      </Sheet>
    </div>
  );
}

function Places({ onChosen }: { onChosen?: () => void }) {
  return (
    <ul className="space-y-1">
      {PLACES.map(({ to, label, icon: Icon }) => (
        <li key={to}>
          <Link
            to={to}
            activeOptions={{ exact: to === "/" }}
            {...(onChosen && { onClick: onChosen })}
            className="flex items-center gap-3 rounded-md px-3 py-2 font-medium text-muted-foreground hover:bg-muted hover:text-foreground aria-[current=page]:bg-primary-soft aria-[current=page]:text-primary-text pointer-coarse:py-3"
          >
            <Icon className="size-4.5 shrink-0" aria-hidden />
            {label}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function BottomBar() {
  return (
    <nav aria-label="Main pages" className="fixed inset-x-0 bottom-0 z-30 border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden">
      <ul className="grid grid-cols-5">
        {PLACES.map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Link
              to={to}
              activeOptions={{ exact: to === "/" }}
              className="flex h-14 flex-col items-center justify-center gap-0.5 text-[0.6875rem] font-medium text-muted-foreground focus-visible:-outline-offset-2 aria-[current=page]:text-primary-text"
            >
              <Icon className="size-5" aria-hidden />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function EnvironmentBadge() {
  const { environment } = useConfig();
  const real = environment === "prod";
  return (
    <Badge tone={real ? "negative" : "info"} title={real ? "Orders here move money" : `The environment ${environment}`}>
      {real ? "LIVE" : environment}
    </Badge>
  );
}

/** The hour in India by the server's clock; it is the one that orders go by. */
function Clock() {
  const now = useSecond();
  return (
    <span className="text-right leading-tight tabular-nums sm:px-1">
      <span className="block font-medium">
        {istTime(now)} <abbr title="Indian Standard Time" className="text-xs text-muted-foreground no-underline">IST</abbr>
      </span>
      <span className="hidden text-xs text-muted-foreground sm:block">{istDate(now)}</span>
    </span>
  );
}
