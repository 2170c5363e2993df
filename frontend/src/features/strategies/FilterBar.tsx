import { useId } from "react";

import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";

import type { Strategy } from "./model";
import { matches } from "./words";

export type Filter = { search: string; mode: "" | "live" | "paper"; state: "" | "enabled" | "disabled" | "stuck" };

export const NO_FILTER: Filter = { search: "", mode: "", state: "" };

export function passes({ strategy_id, definition, will_not_trade }: Strategy, { search, mode, state }: Filter, basket?: string): boolean {
  if (mode && definition.mode !== mode) return false;
  if (state && definition.enabled !== (state !== "disabled")) return false;
  if (state === "stuck" && will_not_trade.length === 0) return false;
  return matches(search.trim(), strategy_id, definition, basket);
}

export function FilterBar({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const id = useId();
  const change = (part: Partial<Filter>) => {
    const next = { ...filter, ...part };
    onChange(next.search || next.mode || next.state ? next : NO_FILTER);
  };
  return (
    <div role="search" className="grid w-full grid-cols-2 gap-2 sm:w-auto sm:grid-cols-[16rem_10.5rem_13.5rem]">
      <label htmlFor={`${id}-search`} className="col-span-2 sm:col-span-1">
        <span className="sr-only">Search strategies</span>
        <Input id={`${id}-search`} type="search" placeholder="Name, leg, account" value={filter.search} onChange={(event) => change({ search: event.target.value })} />
      </label>
      <label htmlFor={`${id}-mode`}>
        <span className="sr-only">Mode</span>
        <NativeSelect id={`${id}-mode`} value={filter.mode} onChange={(event) => change({ mode: event.target.value as Filter["mode"] })}>
          <option value="">Live and paper</option>
          <option value="live">Live</option>
          <option value="paper">Paper</option>
        </NativeSelect>
      </label>
      <label htmlFor={`${id}-state`}>
        <span className="sr-only">State</span>
        <NativeSelect id={`${id}-state`} value={filter.state} onChange={(event) => change({ state: event.target.value as Filter["state"] })}>
          <option value="">Enabled or not</option>
          <option value="enabled">Enabled</option>
          <option value="stuck">Enabled, will not trade</option>
          <option value="disabled">Disabled</option>
        </NativeSelect>
      </label>
    </div>
  );
}
