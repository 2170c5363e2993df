import type { Policies } from "../model";
import { ON_BROKER_FAILURE, ON_PARTIAL_FILL, ON_REFUSAL } from "../words";
import { ChoiceCell } from "./Cell";
import { Section } from "./Section";
import type { Editor } from "./useDraft";

const choicesOf = <Name extends string>(words: Readonly<Record<Name, string>>) => Object.entries(words) as [Name, string][];

/** What becomes of a run when something fails; an exit is not a matter of policy. */
export function PoliciesSection({ editor }: { editor: Editor }) {
  const { policies } = editor.definition;
  const change = (part: Partial<Policies>) => editor.change({ policies: { ...policies, ...part } });
  return (
    <Section title="When something fails" told="Applies from the next run on. An exit that fails is tried again, up to five times, whatever is chosen here.">
      <ChoiceCell label="An order entered nothing" path="policies.on_refusal" value={policies.on_refusal} choices={choicesOf(ON_REFUSAL)} onChange={(on_refusal) => change({ on_refusal })} />
      <ChoiceCell
        label="An order filled in part, its rest was cancelled"
        path="policies.on_partial_fill"
        value={policies.on_partial_fill}
        choices={choicesOf(ON_PARTIAL_FILL)}
        onChange={(on_partial_fill) => change({ on_partial_fill })}
      />
      <ChoiceCell
        label="Nobody knows what became of an order"
        path="policies.on_broker_failure"
        value={policies.on_broker_failure}
        choices={choicesOf(ON_BROKER_FAILURE)}
        onChange={(on_broker_failure) => change({ on_broker_failure })}
      />
    </Section>
  );
}
