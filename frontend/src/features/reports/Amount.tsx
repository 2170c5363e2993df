import { Delta } from "@/components/Money";

/** A profit that may not be known: where a fill came without its price, nothing is made up. */
export function Amount({ value, className }: { value: string | null; className?: string }) {
  if (value !== null) return <Delta value={value} {...(className && { className })} />;
  return (
    <span className={className} title="A fill came without its price">
      not known
    </span>
  );
}
