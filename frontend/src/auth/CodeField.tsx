import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

/** How many digits an authenticator app shows. */
export const CODE_LENGTH = 6;

type Props = { value: string; onChange: (code: string) => void; hint?: string; error?: string | undefined };

/** The six digits of an authenticator app. Whatever else is pasted with them is left out. */
export function CodeField({ value, onChange, hint, error }: Props) {
  return (
    <Field label="Code of the authenticator app" hint={hint} error={error}>
      {(parts) => (
        <Input
          {...parts}
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          className="max-w-40 font-mono tracking-widest"
          value={value}
          onChange={(event) => onChange(event.target.value.replace(/\D/g, "").slice(0, CODE_LENGTH))}
        />
      )}
    </Field>
  );
}
