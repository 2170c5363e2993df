import { ShieldQuestion } from "lucide-react";

import { useConfig } from "@/app/config";
import { EmptyState } from "@/components/States";

import { AuthenticatorCard } from "./AuthenticatorCard";
import { NoSecondFactor } from "./NoSecondFactor";
import { PasswordCard } from "./PasswordCard";

/** What guards the sign-in. All of it is the identity provider's: nothing here passes the API. */
export function SecurityTab() {
  const { identity } = useConfig().auth;
  if (!identity) {
    return (
      <EmptyState icon={ShieldQuestion} title="Not known where the sign-in is changed">
        The configuration of this deployment is older than these pages. Deploy it again, or run <code>make up</code> again on a laptop.
      </EmptyState>
    );
  }
  return (
    <div className="space-y-4">
      {identity.second_factor ? <AuthenticatorCard identity={identity} /> : <NoSecondFactor />}
      <PasswordCard identity={identity} />
    </div>
  );
}
