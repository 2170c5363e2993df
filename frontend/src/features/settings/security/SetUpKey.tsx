import { Check, Copy } from "lucide-react";
import { useState } from "react";

import { Button } from "@/components/ui/button";

import { groupsOf } from "./otpauth";

/** The key in groups that are easy to type; copied without the gaps. */
export function SetUpKey({ secret }: { secret: string }) {
  const [copied, setCopied] = useState<"done" | "failed" | null>(null);
  const copy = () => navigator.clipboard.writeText(secret).then(() => setCopied("done"), () => setCopied("failed"));
  return (
    <div className="flex items-center gap-2 rounded-md border bg-muted py-1 pr-1 pl-3">
      <code className="flex min-w-0 flex-1 flex-wrap gap-x-2 font-mono text-sm select-all" aria-label="Key">
        {groupsOf(secret).map((group, place) => (
          <span key={place}>{group}</span>
        ))}
      </code>
      <Button variant="ghost" size="icon" aria-label="Copy the key" onClick={() => void copy()}>
        {copied === "done" ? <Check aria-hidden /> : <Copy aria-hidden />}
      </Button>
      <span role="status" className="sr-only">
        {copied === "done" ? "Copied" : copied === "failed" ? "Could not be copied; mark the key and copy it" : ""}
      </span>
    </div>
  );
}
