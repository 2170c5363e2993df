import { Check, Copy } from "lucide-react";
import { useState } from "react";

import { Button } from "./ui/button";

/** A text to be entered elsewhere, with a button that copies it. */
export function Copyable({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState<"done" | "failed" | null>(null);
  const copy = () => navigator.clipboard.writeText(text).then(() => setCopied("done"), () => setCopied("failed"));
  return (
    <span className="flex items-center gap-2 rounded-md border bg-muted py-1 pr-1 pl-3">
      <code className="min-w-0 flex-1 font-mono text-xs break-all select-all">{text}</code>
      <Button variant="ghost" size="icon" aria-label={`Copy ${label}`} onClick={() => void copy()}>
        {copied === "done" ? <Check aria-hidden /> : <Copy aria-hidden />}
      </Button>
      <span role="status" className="sr-only">
        {copied === "done" ? "Copied" : copied === "failed" ? "Could not be copied; mark the text and copy it" : ""}
      </span>
    </span>
  );
}
