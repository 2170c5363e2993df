import { Link } from "@tanstack/react-router";

import { Delta } from "@/components/Money";
import { Button } from "@/components/ui/button";

import { OrderTable } from "./OrderTable";
import { PositionTable } from "./Positions";
import type { Names, Scope } from "./scopes";
import { isClosed, type Order, type Position, type Run } from "./shapes";

type Props = { run: Run; orders: readonly Order[]; positions: readonly Position[]; names: Names; onSquareOff: (scope: Scope) => void };

/** What a run did: its profit, its orders by their legs, what it holds, and the ways to stop it. */
export function RunStory({ run, orders, positions, names, onSquareOff }: Props) {
  const byLeg = [...orders].sort((one, other) => one.leg - other.leg || one.intended_at.localeCompare(other.intended_at));
  return (
    <div className="space-y-4">
      <dl className="flex flex-wrap gap-x-8 gap-y-2">
        <div>
          <dt className="text-xs text-muted-foreground">Realised, before charges</dt>
          <dd>{run.realised === null ? "nothing before everything is closed" : <Delta value={run.realised} />}</dd>
        </div>
        <div>
          <dt className="text-xs text-muted-foreground">Strategy</dt>
          <dd>
            <Link to="/strategies/$strategyId" params={{ strategyId: run.strategy_id }} className="rounded text-primary-text underline underline-offset-2">
              {names.strategies.get(run.strategy_id) ?? run.strategy_id}
            </Link>
            , entered in version {run.strategy_version}
          </dd>
        </div>
      </dl>
      {orders.length === 0 && <p className="text-muted-foreground">It has no orders.</p>}
      {orders.length > 0 && (
        <section className="space-y-1.5">
          <h4 className="font-medium">Orders</h4>
          <OrderTable label={`Orders of ${run.name}`} orders={byLeg} names={names} />
        </section>
      )}
      {positions.length > 0 && (
        <section className="space-y-1.5">
          <h4 className="font-medium">Positions</h4>
          <PositionTable label={`Positions of ${run.name}`} positions={positions} names={names} />
        </section>
      )}
      {!isClosed(run) && (
        <Button variant="secondary" size="small" onClick={() => onSquareOff({ kind: "strategy", id: run.strategy_id })}>
          Square off its strategy
        </Button>
      )}
    </div>
  );
}
