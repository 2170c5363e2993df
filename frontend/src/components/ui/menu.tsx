import type { LucideIcon } from "lucide-react";
import { useState, type ReactElement } from "react";

import { Button, type ButtonProps } from "./button";
import { toast } from "./toasts";

export type MenuItem = {
  label: string;
  icon: LucideIcon;
  onSelect: () => void;
  danger?: boolean;
  /** A line above it. */
  apart?: boolean;
};

export type MenuProps = {
  /** The button that opens it; give it a label. */
  button: ButtonProps;
  items: readonly MenuItem[];
  /** Words above the items. */
  heading?: string;
  /** The label of the one that holds now, where the items are a choice. */
  chosen?: string;
};

type Opened = typeof import("./opened-menu");

const load = () => import("./opened-menu");

/** A menu whose code is loaded when it is pointed at: no first view needs it. */
export function Menu(props: MenuProps): ReactElement {
  const [opened, setOpened] = useState<Opened | null>(null);
  const preload = () => void load().catch(() => undefined);
  const open = () => void load().then(setOpened, () => toast.failed("The menu could not be loaded. Try again."));
  if (opened) return <opened.OpenedMenu {...props} />;
  return <Button {...props.button} aria-haspopup="menu" aria-expanded={false} onPointerEnter={preload} onFocus={preload} onClick={open} />;
}
