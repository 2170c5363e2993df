/** Short words about what just happened. Anywhere: `toast.done("Saved.")`, `toast.failed(problem.message)`. */
export type Toast = { id: number; tone: "done" | "failed"; text: string; detail?: string };

/** A failure stays until it is closed: it may have happened while nobody looked. */
const DONE_MS = 6_000;

let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

export const toast = {
  done: (text: string, detail?: string) => {
    const id = show("done", text, detail);
    setTimeout(() => dismiss(id), DONE_MS);
  },
  failed: (text: string, detail?: string) => {
    show("failed", text, detail);
  },
};

export function dismiss(id: number): void {
  become(toasts.filter((shown) => shown.id !== id));
}

export function currentToasts(): readonly Toast[] {
  return toasts;
}

export function subscribeToasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function show(tone: Toast["tone"], text: string, detail: string | undefined): number {
  const id = ++last;
  become([...toasts.slice(-3), { id, tone, text, ...(detail && { detail }) }]);
  return id;
}

function become(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}
