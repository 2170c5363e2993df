import { useCallback, useState } from "react";

import type { Account, Broker } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog, DialogFooter } from "@/components/ui/dialog";

import { guideOf } from "./guides";
import { LinkForm } from "./LinkForm";
import { LoginDialog } from "./LoginDialog";
import { useLogin } from "./useLogin";

type Props = {
  open: boolean;
  onClose: () => void;
  accounts: Account[];
  brokers: Broker[];
  /** The account that gets new keys; without it a new one is linked. */
  replaced?: Account;
};

/** Links an account in three steps: its broker, its keys, its first login. */
export function LinkDialog({ open, onClose, ...rest }: Props) {
  const title = rest.replaced ? `New keys for ${rest.replaced.label}` : "Link an account";
  return (
    <Dialog open={open} onClose={onClose} title={title} description={rest.replaced && "Its session ends; log in again afterwards."}>
      <Steps onClose={onClose} {...rest} />
    </Dialog>
  );
}

function Steps({ onClose, accounts, brokers, replaced }: Omit<Props, "open">) {
  const [chosen, setChosen] = useState<string | null>(replaced?.broker ?? null);
  const [linked, setLinked] = useState<Account | null>(null);
  const broker = brokers.find(({ name }) => name === chosen);
  if (linked && broker) return <Linked account={linked} broker={broker} onClose={onClose} />;
  if (!broker) return <Choice brokers={brokers} onChosen={setChosen} />;
  return (
    <LinkForm
      broker={broker}
      accounts={accounts}
      replaced={replaced}
      onBack={replaced ? onClose : () => setChosen(null)}
      onLinked={setLinked}
    />
  );
}

function Choice({ brokers, onChosen }: { brokers: Broker[]; onChosen: (name: string) => void }) {
  return (
    <ul className="grid gap-2 sm:grid-cols-2" aria-label="Choose the broker">
      {brokers.map(({ name, label }) => (
        <li key={name}>
          <Button variant="secondary" className="h-12 w-full justify-start" onClick={() => onChosen(name)}>
            {label}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function Linked({ account, broker, onClose }: { account: Account; broker: Broker; onClose: () => void }) {
  const [here, setHere] = useState(false);
  const stay = useCallback(() => setHere(false), []);
  const login = useLogin(account, broker, () => setHere(true));
  return (
    <div className="space-y-4">
      <p role="status">
        <strong>{account.label} is linked.</strong> It trades after its first login. {guideOf(broker.name).login}
      </p>
      <DialogFooter>
        <Button variant="secondary" onClick={onClose}>
          Later
        </Button>
        <Button busy={login.busy} onClick={login.begin}>
          Log in now
        </Button>
      </DialogFooter>
      <LoginDialog open={here} onClose={stay} onDone={onClose} account={account} broker={broker} />
    </div>
  );
}
