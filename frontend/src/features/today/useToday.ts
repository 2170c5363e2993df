import { useEffect, useState } from "react";

import { serverNow } from "@/lib/clock";
import { istDay } from "@/lib/moments";

const LOOK_MS = 500;

/** The date in India by the server's clock. It changes at midnight there, and the component renders then only. */
export function useToday(): string {
  const [date, setDate] = useState(() => istDay(serverNow()));
  useEffect(() => {
    const timer = setInterval(() => setDate(istDay(serverNow())), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return date;
}
