import { render, screen } from "@testing-library/react";
import { describe, expect, expectTypeOf, it } from "vitest";

import type { Schemas } from "@/api/types";

import { Age } from "./Age";
import { Delta } from "./Money";
import { StatusBadge } from "./StatusBadge";
import { ORDER, RUN, SESSION } from "./statuses";

describe("statuses", () => {
  it("of the API all have a look: else this file does not compile", () => {
    expectTypeOf<keyof typeof RUN>().toEqualTypeOf<Schemas["RunAnswer"]["status"]>();
    expectTypeOf<keyof typeof ORDER>().toEqualTypeOf<Schemas["OrderAnswer"]["status"]>();
    expectTypeOf<keyof typeof SESSION>().toEqualTypeOf<Schemas["AccountAnswer"]["session"]>();
  });

  it.each(Object.entries({ RUN, ORDER, SESSION }))("of %s are told apart without colours", (_of, looks) => {
    const words = Object.values(looks).map((look) => look.words);
    expect(new Set(words).size).toBe(words.length);
    for (const look of Object.values(looks)) expect(look.told.length).toBeGreaterThan(0);
  });

  it("that are newer than the pages are shown by their own word", () => {
    render(<StatusBadge of="order" status="put_aside" />);
    expect(screen.getByText("put aside")).toBeTruthy();
  });

  it("show words and a sign", () => {
    const { container } = render(<StatusBadge of="run" status="incomplete" />);
    expect(screen.getByText("Incomplete").querySelector("svg")).not.toBeNull();
    expect(container.querySelector("svg")?.getAttribute("aria-hidden")).toBe("true");
  });
});

describe("amounts and ages", () => {
  it("say a loss by sign and arrow too", () => {
    const { container } = render(<Delta value="-1234567.5" />);
    expect(container.textContent).toBe("−₹12,34,567.50");
    expect(container.querySelector(".lucide-arrow-down")).not.toBeNull();
  });

  it("say in words that they are old", () => {
    render(<Age at={Date.now() - 60_000} staleAfter={30} />);
    expect(screen.getByText(", which is old")).toBeTruthy();
  });
});
