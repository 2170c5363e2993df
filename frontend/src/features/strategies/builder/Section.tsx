import type { ReactNode } from "react";

import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";

export function Section({ title, told, actions, children }: { title: string; told?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <Card aria-label={title}>
      <CardHeader>
        <div className="min-w-0 space-y-0.5">
          <CardTitle>{title}</CardTitle>
          {told && <p className="max-w-prose text-xs text-muted-foreground">{told}</p>}
        </div>
        {actions}
      </CardHeader>
      <CardContent className="space-y-3">{children}</CardContent>
    </Card>
  );
}
