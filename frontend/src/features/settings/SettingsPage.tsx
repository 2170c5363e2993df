import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";

import { Page, PageHeader } from "@/components/Page";
import { Loading } from "@/components/States";
import { Skeleton } from "@/components/ui/skeleton";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";

import { AppearanceTab } from "./AppearanceTab";
import type { LimitsEdit } from "./LimitsForm";
import { LimitsTab } from "./LimitsTab";
import { ProfileTab } from "./ProfileTab";
import { TABS } from "./search";

const SecurityTab = lazy(() => import("./security/SecurityTab").then((module) => ({ default: module.SecurityTab })));

/** The user, the look of the pages, and what is allowed at most. */
export function SettingsPage() {
  const { tab = "profile" } = useSearch({ from: "/inside/settings" });
  const navigate = useNavigate({ from: "/settings" });
  const [edit, setEdit] = useState<LimitsEdit | null>(null);
  const choose = (value: string) => {
    const chosen = TABS.find((one) => one === value);
    void navigate({ search: chosen ? { tab: chosen } : {}, replace: true });
  };
  return (
    <Page title="Settings">
      <PageHeader title="Settings" description="Your sign-in and what guards it, the look of these pages, and your risk limits." />
      <Tabs value={tab} onValueChange={choose}>
        <TabsList aria-label="Settings">
          <TabsTrigger value="profile">Profile</TabsTrigger>
          <TabsTrigger value="security">Security</TabsTrigger>
          <TabsTrigger value="appearance">Appearance</TabsTrigger>
          <TabsTrigger value="limits">Risk limits{edit && <span className="sr-only">, not saved</span>}</TabsTrigger>
        </TabsList>
        <TabsContent value="profile">
          <ProfileTab />
        </TabsContent>
        <TabsContent value="security">
          <Suspense fallback={<SecurityLoading />}>
            <SecurityTab />
          </Suspense>
        </TabsContent>
        <TabsContent value="appearance">
          <AppearanceTab />
        </TabsContent>
        <TabsContent value="limits">
          <LimitsTab edit={edit} onEdit={setEdit} />
        </TabsContent>
      </Tabs>
    </Page>
  );
}

function SecurityLoading() {
  return (
    <Loading label="Security is loading">
      <Skeleton className="h-40" />
    </Loading>
  );
}
