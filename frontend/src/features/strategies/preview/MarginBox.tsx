import { Money } from "@/components/Money";

import type { AtMarket } from "../model";

export function MarginBox({ margin }: { margin: NonNullable<AtMarket["margin"]> }) {
  const parts = [
    ["Scan risk", margin.scan_risk],
    ["Exposure", margin.exposure],
    ["Premium paid", margin.premium_paid],
  ] as const;
  return (
    <section className="space-y-1.5">
      <h3 className="font-semibold">
        Margin, estimated: <Money value={margin.total} />
      </h3>
      <dl className="flex flex-wrap gap-x-5 gap-y-1">
        {parts.map(([label, value]) => (
          <div key={label} className="flex gap-1.5">
            <dt className="text-muted-foreground">{label}</dt>
            <dd>
              <Money value={value} />
            </dd>
          </div>
        ))}
      </dl>
      <p className="text-xs text-muted-foreground">{margin.method}</p>
    </section>
  );
}
