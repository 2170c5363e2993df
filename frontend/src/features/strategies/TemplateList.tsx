import { Link } from "@tanstack/react-router";

import { TEMPLATES } from "./templates";
import { legsInWords } from "./words";

/** What a new strategy may begin as. */
export function TemplateList() {
  return (
    <section aria-labelledby="templates" className="space-y-3">
      <h2 id="templates" className="text-base font-semibold">
        Begin with
      </h2>
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {TEMPLATES.map(({ id, title, told, definition }) => (
          <li key={id}>
            <Link to="/strategies/new" search={{ template: id }} className="block h-full space-y-1 rounded-lg border bg-surface px-4 py-3 hover:bg-muted">
              <span className="block font-semibold">{title}</span>
              <span className="block text-muted-foreground">{told}</span>
              <span className="block text-xs">{legsInWords(definition.legs)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
