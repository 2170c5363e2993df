import { ShieldOff } from "lucide-react";

import { useConfig } from "@/app/config";
import { Badge } from "@/components/ui/badge";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";

/** Said instead of a set-up that could not work. */
export function NoSecondFactor() {
  const { environment } = useConfig();
  return (
    <Card aria-label="Authenticator app">
      <CardHeader>
        <CardTitle className="flex flex-wrap items-center gap-2">
          Authenticator app
          <Badge>
            <ShieldOff aria-hidden />
            Not offered here
          </Badge>
        </CardTitle>
      </CardHeader>
      <CardContent>
        <p className="max-w-prose">
          The environment {environment} has no second factor: its user pool is deployed without one, so the password alone signs in. Whoever deploys it sets{" "}
          <code>features.multi_factor</code>.
        </p>
      </CardContent>
    </Card>
  );
}
