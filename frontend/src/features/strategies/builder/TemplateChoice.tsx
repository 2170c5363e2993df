import { Link } from "@tanstack/react-router";

import { Button } from "@/components/ui/button";

import { TEMPLATES } from "../templates";

/** What a new strategy may begin as; gone once something was changed. */
export function TemplateChoice() {
  return (
    <nav aria-label="Templates" className="flex flex-wrap items-center gap-2">
      <span className="font-medium">Begin with</span>
      {TEMPLATES.map(({ id, title, told }) => (
        <Button key={id} asChild variant="secondary" size="small">
          <Link to="/strategies/new" search={{ template: id }} replace title={told}>
            {title}
          </Link>
        </Button>
      ))}
    </nav>
  );
}
