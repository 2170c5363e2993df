import { ErrorState } from "@/components/States";

/** Shown instead of everything when the deployment does not say what it is. */
export function ConfigFailed({ error }: { error: unknown }) {
  return (
    <main className="mx-auto max-w-xl space-y-6 p-6">
      <h1 className="text-2xl font-bold">Legwise</h1>
      <ErrorState title="Legwise cannot start" error={error} onRetry={() => location.reload()} />
    </main>
  );
}
