import { useQuery } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";

import { useApi } from "@/api/client";
import { problemFrom } from "@/api/problem";
import type { Account, Broker, EgressRoute, LinkField } from "@/api/types";
import { Copyable } from "@/components/Copyable";
import { Problem } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { DialogFooter } from "@/components/ui/dialog";
import { Field, type FieldParts } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { NativeSelect } from "@/components/ui/native-select";

import { guideOf, idFrom } from "./guides";
import { egressQuery, useLink } from "./queries";

const PAPER = "paper";

type Props = {
  broker: Broker;
  accounts: Account[];
  replaced: Account | undefined;
  onBack: () => void;
  onLinked: (account: Account) => void;
};

/** What a broker wants to know. The keys are held by these fields only, and go to the API once. */
export function LinkForm({ broker, accounts, replaced, onBack, onLinked }: Props) {
  const callback = broker.callback_path === null ? null : `${location.origin}${broker.callback_path}`;
  const link = useLink();
  const routes = useQuery(egressQuery(useApi())).data;
  const [label, setLabel] = useState(replaced?.label ?? broker.label);
  const [keys, setKeys] = useState<Record<string, string>>({ redirect_url: callback ?? "" });
  const [egress, setEgress] = useState(replaced?.egress ?? "default");
  const [algo, setAlgo] = useState({ id: replaced?.algo_id ?? "", name: replaced?.algo_name ?? "" });
  const [force, setForce] = useState(false);
  const problem = link.isError ? problemFrom(link.error) : null;
  const taken = accounts.map(({ account_id }) => account_id);
  const account_id = replaced?.account_id ?? idFrom(label, taken);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (link.isPending) return;
    const filled = broker.fields.map(({ name }) => [name, (keys[name] ?? "").trim()] as const).filter(([, value]) => value);
    const request = { broker: broker.name, label: label.trim(), egress: egress.trim(), credentials: Object.fromEntries(filled), algo_id: algo.id.trim(), algo_name: algo.name.trim() };
    link.mutate({ account_id, request, force }, { onSuccess: onLinked });
  };

  return (
    <form className="space-y-4" onSubmit={submit} autoComplete="off">
      <Preparation broker={broker} callback={callback} route={routes?.find(({ name }) => name === egress)} />
      <Field label="Name" hint={`Your own word for it, on every page. Its id: ${account_id}`} error={problem?.of("label")}>
        {(parts) => <Input {...parts} required maxLength={40} value={label} onChange={(event) => setLabel(event.target.value)} />}
      </Field>
      {broker.fields.map((field) => (
        <Field
          key={field.name}
          label={field.label}
          optional={field.optional}
          hint={field.help}
          error={problem?.of(`credentials.${field.name}`)}
        >
          {(parts) => (
            <Key
              parts={parts}
              field={field}
              sources={accounts.filter((one) => one.broker !== PAPER && one.account_id !== account_id)}
              value={keys[field.name] ?? ""}
              onChange={(value) => setKeys((before) => ({ ...before, [field.name]: value }))}
            />
          )}
        </Field>
      ))}
      <details className="rounded-md border px-3 py-2">
        <summary className="font-medium">More: egress route{broker.algo.length > 0 && ", registered algorithm"}</summary>
        <div className="space-y-4 pt-3 pb-1">
          <Field label="Egress route" hint="How its orders leave. Its static address is the one to register at the broker." error={problem?.of("egress")}>
            {(parts) => <RouteChoice parts={parts} routes={routes} value={egress} onChange={setEgress} />}
          </Field>
          {broker.algo.map((part) => (
            <Field key={part} label={part === "id" ? "Algo id" : "Algo name"} optional hint="As it is registered; it goes out with every order" error={problem?.of(`algo_${part}`)}>
              {(parts) => (
                <Input {...parts} maxLength={50} value={algo[part]} onChange={(event) => setAlgo((before) => ({ ...before, [part]: event.target.value }))} />
              )}
            </Field>
          ))}
        </div>
      </details>
      {problem && <Problem error={problem} />}
      {replaced && (problem?.forceHelps === true || force) && (
        <span className="flex items-center gap-2.5">
          <Checkbox id="replace-anyway" checked={force} onCheckedChange={(checked) => setForce(checked === true)} />
          <Label htmlFor="replace-anyway" className="font-normal">
            Also while runs are open in it: it must log in again to close them
          </Label>
        </span>
      )}
      <DialogFooter>
        <Button variant="secondary" onClick={onBack}>
          {replaced ? "Cancel" : "Back"}
        </Button>
        <Button type="submit" busy={link.isPending}>
          {replaced ? "Replace the keys" : "Link it"}
        </Button>
      </DialogFooter>
    </form>
  );
}

function Preparation({ broker, callback, route }: { broker: Broker; callback: string | null; route: EgressRoute | undefined }) {
  const guide = guideOf(broker.name);
  return (
    <section className="space-y-2 rounded-md bg-muted px-3 py-2.5" aria-label={`What to do at ${broker.label} first`}>
      <ol className="list-decimal space-y-1 pl-5">
        {guide.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
        {callback !== null && (
          <li className="space-y-1.5">
            <p>Enter this as the redirect URL of the app there:</p>
            <Copyable text={callback} label="the redirect URL" />
          </li>
        )}
        {guide.staticAddress && <Address route={route} />}
      </ol>
    </section>
  );
}

function Address({ route }: { route: EgressRoute | undefined }) {
  if (!route?.address) {
    return (
      <li>
        Register the static address of the account's egress route there: orders from another one are refused.
        {route && ` The route ${route.name} has none here; ask whoever runs Legwise for one.`}
      </li>
    );
  }
  return (
    <li className="space-y-1.5">
      <p>Register this address there, of the egress route {route.name}: orders from another one are refused.</p>
      <Copyable text={route.address} label="the address" />
    </li>
  );
}

/** The routes of the deployment; until they are known, the one that is chosen. */
function RouteChoice({ parts, routes = [], value, onChange }: { parts: FieldParts; routes: EgressRoute[] | undefined; value: string; onChange: (value: string) => void }) {
  const known = routes.some(({ name }) => name === value);
  return (
    <NativeSelect {...parts} required value={value} onChange={(event) => onChange(event.target.value)}>
      {!known && <option value={value}>{value}</option>}
      {routes.map(({ name, address }) => (
        <option key={name} value={name}>
          {address ? `${name} (${address})` : `${name} (no static address)`}
        </option>
      ))}
    </NativeSelect>
  );
}

function Key({ parts, field, sources, value, onChange }: { parts: FieldParts; field: LinkField; sources: Account[]; value: string; onChange: (value: string) => void }) {
  if (field.name === "quotes_from") {
    return (
      <NativeSelect {...parts} required value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{sources.length ? "Choose an account" : "Link an account at a broker first"}</option>
        {sources.map(({ account_id, label }) => (
          <option key={account_id} value={account_id}>
            {label}
          </option>
        ))}
      </NativeSelect>
    );
  }
  return (
    <Input
      {...parts}
      type={field.secret ? "password" : "text"}
      autoComplete={field.secret ? "new-password" : "off"}
      autoCapitalize="off"
      spellCheck={false}
      required={!field.optional}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
