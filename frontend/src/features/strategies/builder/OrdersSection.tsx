import { whole, type Move, type OrderRules } from "../model";
import { HEDGES_OF, STYLES, STYLES_TOLD } from "../words";
import { ChoiceCell, Finding, TextCell } from "./Cell";
import { useExactly } from "./findings";
import { Section } from "./Section";
import { Tick } from "./Tick";
import type { Editor } from "./useDraft";

const POINT: Move = { unit: "points", value: "1" };

/** How entries are sent; what closes a run is always protected. */
export function OrdersSection({ editor }: { editor: Editor }) {
  const { orders } = editor.definition;
  const change = (part: Partial<OrderRules>) => editor.change({ orders: { ...orders, ...part } });
  const told = useExactly("orders", "orders.buffer", "orders.chase");
  return (
    <Section title="How entries are sent" told="What closes a run, and what mends one, is always protected: there filling matters more than the price.">
      <ChoiceCell
        label="Style"
        path="orders.style"
        className="w-40"
        value={orders.style}
        choices={Object.entries(STYLES) as [OrderRules["style"], string][]}
        // Protected orders do not rest: a buffer or a chase would be refused.
        onChange={(style) => change(style === "protected" ? { style, buffer: null, chase: null } : { style })}
      />
      <p className="text-xs text-muted-foreground">{STYLES_TOLD[orders.style]}</p>
      {orders.style === "limit" && <LimitFields orders={orders} change={change} />}
      {told && <p className="text-xs font-medium text-negative wrap-break-word">{told}</p>}
      <Tick checked={orders.hedges_first} onChange={(first) => change(first ? { hedges_first: true } : { hedges_first: false, hedges_of: "account" })}>
        Hedges first: sells wait until the buys are filled
      </Tick>
      {orders.hedges_first ? (
        <ChoiceCell label="A sell waits for the buys" path="orders.hedges_of" value={orders.hedges_of} choices={Object.entries(HEDGES_OF) as [OrderRules["hedges_of"], string][]} onChange={(hedges_of) => change({ hedges_of })} />
      ) : (
        <p className="text-xs text-warning">All orders leave at once: a broker may refuse shorts for want of margin, and until the hedge is filled they are naked.</p>
      )}
      <Finding path="orders.hedges_first" />
    </Section>
  );
}

function LimitFields({ orders: { buffer, chase }, change }: { orders: OrderRules; change: (part: Partial<OrderRules>) => void }) {
  return (
    <div className="space-y-3 border-l-2 pl-3">
      <Tick checked={buffer != null} onChange={(has) => change({ buffer: has ? POINT : null })}>
        Buffer: the limit may be beyond the far side
      </Tick>
      {buffer && (
        <div className="flex flex-wrap gap-2">
          <MoveFields label="Buffer" path="orders.buffer" move={buffer} onChange={(next) => change({ buffer: next })} />
        </div>
      )}
      <Tick checked={chase != null} onChange={(has) => change({ chase: has ? { every_seconds: 3, step: POINT, give_up_after_seconds: 15 } : null })}>
        Chase: the limit moves towards the market until it is filled or given up
      </Tick>
      {chase && (
        <div className="flex flex-wrap gap-2">
          <MoveFields label="Step" path="orders.chase.step" move={chase.step} onChange={(step) => change({ chase: { ...chase, step } })} />
          <TextCell label="Every, seconds" path="orders.chase.every_seconds" className="w-28" number value={chase.every_seconds} onChange={(text) => change({ chase: { ...chase, every_seconds: whole(text) } })} />
          <TextCell
            label="Give up after, seconds"
            path="orders.chase.give_up_after_seconds"
            className="w-36"
            number
            value={chase.give_up_after_seconds}
            onChange={(text) => change({ chase: { ...chase, give_up_after_seconds: whole(text) } })}
          />
        </div>
      )}
      <p className="text-xs text-muted-foreground">
        {chase ? "Give the hedges' chase an end well within 20 s: until then their shorts wait." : "Without a chase an order rests until it is cancelled at the check of its run."}
      </p>
    </div>
  );
}

function MoveFields({ label, path, move, onChange }: { label: string; path: string; move: Move; onChange: (move: Move) => void }) {
  return (
    <>
      <TextCell label={label} path={`${path}.value`} className="w-24" number value={move.value} onChange={(value) => onChange({ ...move, value })} />
      <ChoiceCell
        label={`${label} in`}
        path={`${path}.unit`}
        className="w-28"
        value={move.unit}
        choices={[
          ["points", "points"],
          ["percent", "percent"],
        ]}
        onChange={(unit) => onChange({ ...move, unit })}
      />
    </>
  );
}
