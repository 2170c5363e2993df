import { lookOf, ORDER, RUN, SESSION } from "./statuses";
import { Badge } from "./ui/badge";

const LOOKS = { run: RUN, order: ORDER, session: SESSION };

/** The status of a run, an order or a broker session: words, a sign and a colour. */
export function StatusBadge({ of, status }: { of: keyof typeof LOOKS; status: string }) {
  const { words, told, icon: Icon, tone } = lookOf(LOOKS[of], status);
  return (
    <Badge tone={tone} title={told}>
      <Icon aria-hidden />
      {words}
    </Badge>
  );
}
