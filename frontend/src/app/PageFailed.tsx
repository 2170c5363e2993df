import { useRouter, type ErrorComponentProps } from "@tanstack/react-router";

import { Page, PageHeader } from "@/components/Page";
import { ErrorState } from "@/components/States";

/** The boundary of every page. A chunk that is gone was replaced by a newer release: then only a reload helps. */
export function PageFailed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const outdated = /dynamically imported module|module script failed/i.test(error instanceof Error ? error.message : "");
  const retry = () => {
    if (outdated) {
      location.reload();
      return;
    }
    reset();
    void router.invalidate();
  };
  return (
    <Page title="Error">
      <PageHeader title="This page failed" />
      <ErrorState
        title={outdated ? "It could not be loaded" : "Something in it went wrong"}
        error={outdated ? new Error("There may be a newer version, or no connection.") : error}
        onRetry={retry}
      />
    </Page>
  );
}
