import { Fragment, useRef, useState } from "react";

import { Button } from "./button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "./dropdown-menu";
import type { MenuProps } from "./menu";

/** The menu itself; it is open when it comes, since somebody asked for it. */
export function OpenedMenu({ button, items, heading, chosen }: MenuProps) {
  const [open, setOpen] = useState(true);
  // Done once the focus is back on the button: a dialog that opens then gives it back there when it closes.
  const begun = useRef<(() => void) | null>(null);
  const closed = () => {
    const action = begun.current;
    begun.current = null;
    if (action) setTimeout(action);
  };
  return (
    <DropdownMenu open={open} onOpenChange={setOpen}>
      <DropdownMenuTrigger asChild>
        <Button {...button} />
      </DropdownMenuTrigger>
      <DropdownMenuContent onCloseAutoFocus={closed}>
        {heading && <DropdownMenuLabel className="max-w-64 truncate">{heading}</DropdownMenuLabel>}
        {chosen === undefined ? (
          items.map(({ label, icon: Icon, onSelect, danger = false, apart = false }) => (
            <Fragment key={label}>
              {apart && <DropdownMenuSeparator />}
              <DropdownMenuItem danger={danger} onSelect={() => (begun.current = onSelect)}>
                <Icon aria-hidden />
                {label}
              </DropdownMenuItem>
            </Fragment>
          ))
        ) : (
          <DropdownMenuRadioGroup value={chosen}>
            {items.map(({ label, icon: Icon, onSelect }) => (
              <DropdownMenuRadioItem key={label} value={label} onSelect={() => (begun.current = onSelect)}>
                <Icon aria-hidden />
                {label}
              </DropdownMenuRadioItem>
            ))}
          </DropdownMenuRadioGroup>
        )}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
