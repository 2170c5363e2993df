import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

type Props = {
  label: string;
  autoComplete: "current-password" | "new-password";
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  /** Id of what else is said of it. */
  describedBy?: string;
};

export function PasswordField({ label, autoComplete, value, onChange, error, describedBy }: Props) {
  return (
    <Field label={label} error={error}>
      {(parts) => (
        <Input
          {...parts}
          aria-describedby={[parts["aria-describedby"], describedBy].filter(Boolean).join(" ") || undefined}
          type="password"
          autoComplete={autoComplete}
          required
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
