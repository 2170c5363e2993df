import { Link } from "@tanstack/react-router";
import { MapPinOff } from "lucide-react";

import { Page, PageHeader } from "@/components/Page";
import { EmptyState } from "@/components/States";
import { Button } from "@/components/ui/button";

export function NotFound() {
  return (
    <Page title="Not found">
      <PageHeader title="Not found" />
      <EmptyState
        icon={MapPinOff}
        title="There is no page at this address"
        action={
          <Button asChild>
            <Link to="/">Go to today</Link>
          </Button>
        }
      >
        It may have been removed, or the address was cut short.
      </EmptyState>
    </Page>
  );
}
