import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { useApi } from "@/api/client";
import { ProblemError, problemFrom } from "@/api/problem";

import type { Definition, Preview } from "../model";
import { previewQuery } from "../queries";

const SETTLED_MS = 900;

export type Previewed = {
  /** The last answer; null before the first. */
  preview: Preview | null;
  /** What it is an answer to. */
  of: Definition | null;
  /** Whether it is of the definition as it stands. */
  current: boolean;
  /** What the API said of the definition as it stands; null when nothing, or not yet. */
  findings: ProblemError | null;
  /** Why there is no answer for what was asked last. */
  error: ProblemError | null;
  busy: boolean;
  ask: () => void;
};

/** What the definition would do: asked once it has not changed for a moment, and on demand. */
export function usePreview(definition: Definition): Previewed {
  const api = useApi();
  const text = JSON.stringify(definition);
  const settled = useSettled(text);
  const query = useQuery(previewQuery(api, settled));
  const [last, setLast] = useState<{ preview: Preview; text: string; of: Definition } | null>(null);
  if (query.data && last?.preview !== query.data) setLast({ preview: query.data, text: settled, of: JSON.parse(settled) as Definition });
  const error = useMemo(() => (query.isError ? problemFrom(query.error) : null), [query.isError, query.error]);
  const current = last?.text === text && !query.isError;
  const preview = last?.preview ?? null;
  const findings = useMemo(() => {
    if (settled !== text) return null;
    if (error) return error.kind === "misfit" ? error : null;
    return current && preview?.problems.length ? new ProblemError("misfit", "It cannot be saved as it is.", { problems: preview.problems }) : null;
  }, [settled, text, error, current, preview]);
  return {
    preview,
    of: last?.of ?? null,
    current,
    findings,
    error: settled === text ? error : null,
    busy: query.isFetching || settled !== text,
    ask: () => void query.refetch(),
  };
}

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
