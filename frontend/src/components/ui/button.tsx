import { Slot } from "@radix-ui/react-slot";
import { cva, type VariantProps } from "class-variance-authority";
import { LoaderCircle } from "lucide-react";
import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

const look = cva(
  "inline-flex shrink-0 items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap transition-colors disabled:opacity-55 aria-disabled:opacity-55 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "bg-primary text-primary-foreground hover:bg-primary-hover",
        secondary: "border border-field bg-surface text-foreground hover:bg-muted",
        ghost: "text-foreground hover:bg-muted",
        danger: "bg-negative text-negative-foreground hover:opacity-90",
        link: "text-primary-text underline underline-offset-2 hover:no-underline",
      },
      size: {
        default: "h-9 px-3.5 pointer-coarse:h-11",
        small: "h-8 px-2.5 text-[0.8125rem] pointer-coarse:h-11",
        icon: "size-9 pointer-coarse:size-10",
        text: "",
      },
    },
    defaultVariants: { variant: "primary", size: "default" },
  },
);

export type ButtonProps = ComponentProps<"button"> &
  VariantProps<typeof look> & {
    /** Dress the child (a link) as a button. */
    asChild?: boolean;
    /** What it began is not finished: it shows so, and does not begin again. It keeps the focus. */
    busy?: boolean;
  };

export function Button({ className, variant, size, asChild = false, busy = false, type, children, onClick, ...rest }: ButtonProps) {
  const classes = cn(look({ variant, size }), className);
  if (asChild) {
    return (
      <Slot className={classes} {...rest}>
        {children}
      </Slot>
    );
  }
  return (
    <button
      {...rest}
      type={type ?? "button"}
      className={classes}
      aria-disabled={busy || rest["aria-disabled"]}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {busy && <LoaderCircle className="animate-spin" aria-hidden />}
      {children}
    </button>
  );
}
