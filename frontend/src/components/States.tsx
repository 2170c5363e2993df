import { CircleAlert, RotateCw, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import { problemFrom } from "@/api/problem";

import { Button } from "./ui/button";
import { Card } from "./ui/card";

/** Nothing is there yet: says what it is for, and what to do. */
export function EmptyState({ icon: Icon, title, children, action }: { icon: LucideIcon; title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <Card className="flex flex-col items-center gap-3 px-6 py-12 text-center">
      <Icon className="size-9 text-muted-foreground" aria-hidden />
      <h2 className="text-base font-semibold">{title}</h2>
      <div className="max-w-prose text-muted-foreground">{children}</div>
      {action}
    </Card>
  );
}

/** Something could not be had: what was said, and a way to ask again. */
export function ErrorState({ title, error, onRetry, busy = false }: { title: string; error: unknown; onRetry?: () => void; busy?: boolean }) {
  return (
    <Card className="flex flex-col items-center gap-3 px-6 py-10 text-center" role="alert">
      <CircleAlert className="size-9 text-negative" aria-hidden />
      <h2 className="text-base font-semibold">{title}</h2>
      <Told error={error} />
      {onRetry && (
        <Button variant="secondary" busy={busy} onClick={onRetry}>
          {!busy && <RotateCw aria-hidden />}
          Try again
        </Button>
      )}
    </Card>
  );
}

/** An error beside what it concerns, in a form or a dialog. */
export function Problem({ error }: { error: unknown }) {
  return (
    <div role="alert" className="flex gap-2.5 rounded-md bg-negative-soft px-3 py-2.5 text-negative">
      <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0 wrap-break-word">
        <Told error={error} />
      </div>
    </div>
  );
}

/** The shapes of what is coming, and the same in words for those who do not see them. */
export function Loading({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div role="status" aria-busy="true">
      <span className="sr-only">{label}</span>
      {children}
    </div>
  );
}

function Told({ error }: { error: unknown }) {
  const { message, problems } = problemFrom(error);
  return (
    <div className="max-w-prose space-y-1">
      <p>{message}</p>
      {problems.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}
