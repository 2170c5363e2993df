import { useSession } from "@/auth/auth";
import { useConfig } from "@/app/config";
import { useSecond } from "@/lib/clock";
import { istMoment } from "@/lib/moments";

import { Fact } from "./Fact";

const DAY_MS = 86_400_000;

/** When the sign-in of this tab was, and when it ends; nothing where that is not known. */
export function SignInTimes() {
  const now = useSecond();
  const session = useSession();
  const { identity } = useConfig().auth;
  if (session.status !== "signed-in" || session.since === null) return null;
  return (
    <>
      <Fact name="Signed in">{istMoment(session.since, now)}</Fact>
      {identity && <Fact name="Sign-in ends">{istMoment(session.since + identity.refresh_days * DAY_MS, now)}, or when this tab is closed</Fact>}
    </>
  );
}
