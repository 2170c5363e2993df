import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

import { FIELDS, NAMES, type FieldName, type ScopeDraft, type Use } from "./limits";

type Props = {
  scope: ScopeDraft;
  onChange: (scope: ScopeDraft) => void;
  /** What today has used, under the words that tell where: `today with money`. */
  uses: readonly { where: string; use: Use }[];
  errorOf: (name: FieldName) => string | undefined;
};

/** The limits of all accounts together, or of one account. */
export function ScopeFields({ scope, onChange, uses, errorOf }: Props) {
  return (
    <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
      {NAMES.map((name) => {
        const { label, hint, kind, used } = FIELDS[name];
        const so_far = used ? uses.map(({ where, use }) => `${where}: ${used(use)}`) : [];
        return (
          <Field
            key={name}
            label={label}
            optional
            error={errorOf(name)}
            hint={
              <>
                {hint}
                {so_far.map((told) => (
                  <span key={told} className="block text-foreground tabular-nums">
                    {told}
                  </span>
                ))}
              </>
            }
          >
            {(parts) => (
              <Input
                {...parts}
                inputMode={kind === "count" ? "numeric" : "decimal"}
                autoComplete="off"
                placeholder={name === "price_sanity_percent" ? "20" : "no limit"}
                className="tabular-nums"
                value={scope[name]}
                onChange={(event) => onChange({ ...scope, [name]: event.target.value })}
              />
            )}
          </Field>
        );
      })}
    </div>
  );
}
