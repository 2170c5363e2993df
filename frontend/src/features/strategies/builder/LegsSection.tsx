import { Plus } from "lucide-react";
import { useRef } from "react";

import type { Account } from "@/api/types";
import { Button } from "@/components/ui/button";

import { legOf, MAX_LEGS, type Leg } from "../model";
import { Finding } from "./Cell";
import { same } from "./findings";
import type { NowOfLeg } from "./LegNow";
import { LegHeads, LegRow } from "./LegRow";
import { Section } from "./Section";
import type { Editor } from "./useDraft";
import type { Previewed } from "./usePreview";

type Props = { editor: Editor; accounts: Account[]; previewed: Previewed; nameOf: (account_id: string) => string };

export function LegsSection({ editor, accounts, previewed, nameOf }: Props) {
  const { legs, underlying, allocation } = editor.definition;
  const list = useRef<HTMLOListElement>(null);
  const said = useRef<HTMLParagraphElement>(null);
  /** Once the change is drawn: to the first of these controls that the leg at a place has, so that the keyboard goes on. */
  const focus = (index: number, controls: readonly string[], words: string) => {
    requestAnimationFrame(() => {
      const row = list.current?.children[index];
      const [wanted] = controls.flatMap((control) => row?.querySelector<HTMLElement>(`[data-control="${control}"]:not(:disabled)`) ?? []);
      (wanted ?? list.current)?.focus();
      if (said.current) said.current.textContent = words;
    });
  };
  const add = () => {
    editor.addLeg(legOf({ side: "SELL", right: "CE" }), legs.length - 1);
    focus(legs.length, ["side"], `Leg ${legs.length + 1} is added.`);
  };
  return (
    <Section title="Legs" told={`Up to ${MAX_LEGS}. Every leg is the same contract in every account.`}>
      <div className="@container">
        {legs.length > 0 && <LegHeads />}
        <ol ref={list} tabIndex={-1} className="space-y-3 outline-none @4xl:space-y-0 @4xl:divide-y" aria-label="Legs">
          {legs.map((leg, index) => (
            <LegRow
              key={editor.legKeys[index]}
              leg={leg}
              number={index + 1}
              count={legs.length}
              underlying={underlying}
              accounts={accounts}
              dividing={allocation.map(({ account_id }) => account_id)}
              now={{ ...nowOf(leg, index, underlying, previewed), nameOf }}
              onChange={(part) => editor.changeLeg(index, part)}
              onMove={(to) => {
                editor.moveLeg(index, to);
                focus(to, to < index ? ["up", "down"] : ["down", "up"], `Leg ${index + 1} is leg ${to + 1} now.`);
              }}
              onDuplicate={() => {
                editor.addLeg(leg, index);
                focus(index + 1, ["side"], `Leg ${index + 2} is a copy of leg ${index + 1}.`);
              }}
              onRemove={() => {
                editor.removeLeg(index);
                focus(Math.min(index, legs.length - 2), ["remove"], `Leg ${index + 1} is removed.`);
              }}
            />
          ))}
        </ol>
      </div>
      {legs.length === 0 && <p className="text-muted-foreground">There is no leg yet. Add one to say what is traded.</p>}
      <p ref={said} role="status" className="sr-only" />
      <Finding path="legs" />
      <Button variant="secondary" disabled={legs.length >= MAX_LEGS} onClick={add}>
        <Plus aria-hidden />
        Add a leg
      </Button>
    </Section>
  );
}

/** What the last preview said of a leg. One that was moved since is found again, one that was changed is not known. */
function nowOf(leg: Leg, index: number, underlying: string, { preview, of, current, busy }: Previewed): Omit<NowOfLeg, "nameOf"> {
  const nothing = { resolved: null, lots: null, without: null, waiting: busy, current };
  if (!preview || of?.underlying !== underlying) return nothing;
  const place = same(of.legs[index], leg) ? index : of.legs.findIndex((one) => same(one, leg));
  if (place < 0) return nothing;
  const { at_market, no_market } = preview;
  return {
    resolved: at_market?.legs.find((one) => one.leg === place + 1) ?? null,
    lots: preview.lots.find((one) => one.leg === place + 1) ?? null,
    without: no_market,
    waiting: busy && !at_market,
    current,
  };
}
