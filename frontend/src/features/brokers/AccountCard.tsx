import { Ellipsis, FlaskConical, KeyRound, LogIn, Rss, TriangleAlert, Unlink } from "lucide-react";
import { useCallback, useState } from "react";

import { problemFrom } from "@/api/problem";
import type { Account, Broker } from "@/api/types";
import { SessionStrip } from "@/components/SessionStrip";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import { Label } from "@/components/ui/label";
import { Menu } from "@/components/ui/menu";
import { Switch } from "@/components/ui/switch";
import { toast } from "@/components/ui/toasts";

import { LinkDialog } from "./LinkDialog";
import { LoginDialog } from "./LoginDialog";
import { PostbackDialog } from "./PostbackDialog";
import { useEnable, useTest } from "./queries";
import { TestFindings } from "./TestFindings";
import { UnlinkDialog } from "./UnlinkDialog";
import { useLogin } from "./useLogin";

type Shown = "login" | "postback" | "keys" | "unlink" | null;

export function AccountCard({ account, broker, accounts, brokers }: { account: Account; broker: Broker | undefined; accounts: Account[]; brokers: Broker[] }) {
  const [shown, setShown] = useState<Shown>(null);
  const close = useCallback(() => setShown(null), []);
  const test = useTest();
  const login = useLogin(account, broker, () => setShown("login"));
  return (
    <Card className="h-full" aria-label={account.label}>
      <CardHeader>
        <div className="min-w-0 space-y-1">
          <CardTitle className="wrap-break-word">{account.label}</CardTitle>
          <p className="text-muted-foreground">
            {broker?.label ?? account.broker}
            {account.client_id && <> · {account.client_id}</>} · <code className="font-mono text-xs">{account.account_id}</code>
          </p>
        </div>
        <Enabled account={account} />
      </CardHeader>
      <CardContent className="space-y-3">
        <SessionStrip session={account.session} expiresAt={account.session_expires_at} />
        {account.will_not_trade && (
          <p className="flex gap-2 text-warning">
            <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
            <span className="min-w-0 wrap-break-word">Will not trade: {account.will_not_trade}</span>
          </p>
        )}
        <Facts account={account} accounts={accounts} />
        <div className="flex flex-wrap gap-2">
          <Button size="small" variant={account.session === "active" ? "secondary" : "primary"} busy={login.busy} onClick={login.begin}>
            <LogIn aria-hidden />
            {account.session === "active" ? "Log in again" : "Log in"}
          </Button>
          <Button size="small" variant="secondary" busy={test.isPending} onClick={() => test.mutate(account.account_id)}>
            <FlaskConical aria-hidden />
            Test
          </Button>
          <More label={account.label} onChosen={setShown} />
        </div>
        <TestFindings test={test} />
      </CardContent>
      <LoginDialog open={shown === "login"} onClose={close} account={account} broker={broker} />
      <PostbackDialog open={shown === "postback"} onClose={close} account={account} />
      <LinkDialog open={shown === "keys"} onClose={close} accounts={accounts} brokers={brokers} replaced={account} />
      <UnlinkDialog open={shown === "unlink"} onClose={close} account={account} />
    </Card>
  );
}

function Enabled({ account }: { account: Account }) {
  const enable = useEnable();
  const id = `enabled-${account.account_id}`;
  const change = (enabled: boolean) =>
    enable.mutate(
      { account, enabled },
      {
        onSuccess: () => toast.done(`${account.label} ${enabled ? "may trade" : "trades no more"}.`),
        onError: (error) => {
          const { message, problems } = problemFrom(error);
          toast.failed(`${account.label} is not changed: ${message}`, problems.join(" "));
        },
      },
    );
  return (
    <span className="flex items-center gap-2">
      <Label htmlFor={id} className="font-normal">
        {account.enabled ? "Enabled" : "Disabled"}
      </Label>
      <Switch id={id} aria-label={`${account.label} may trade`} checked={account.enabled} disabled={enable.isPending} onCheckedChange={change} />
    </span>
  );
}

function Facts({ account, accounts }: { account: Account; accounts: Account[] }) {
  const source = accounts.find(({ account_id }) => account_id === account.quotes_from);
  return (
    <div className="flex flex-wrap gap-1.5">
      <Badge title="How its orders leave: the static address to register at the broker belongs to this route">egress: {account.egress}</Badge>
      {account.quotes_from && <Badge tone="info">paper, at the quotes of {source?.label ?? account.quotes_from}</Badge>}
      {account.algo_id && <Badge>algo id: {account.algo_id}</Badge>}
      {account.algo_name && <Badge>algo name: {account.algo_name}</Badge>}
    </div>
  );
}

function More({ label, onChosen }: { label: string; onChosen: (shown: Shown) => void }) {
  return (
    <Menu
      button={{ size: "small", variant: "secondary", "aria-label": `More for ${label}`, children: <Ellipsis aria-hidden /> }}
      items={[
        { label: "Postback address", icon: Rss, onSelect: () => onChosen("postback") },
        { label: "Replace its keys", icon: KeyRound, onSelect: () => onChosen("keys") },
        { label: "Unlink", icon: Unlink, onSelect: () => onChosen("unlink"), danger: true, apart: true },
      ]}
    />
  );
}
