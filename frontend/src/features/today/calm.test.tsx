import { screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { stage } from "../../../tests/stage";
import { apiOf, DAY, NOW, orderOf, runOf, strategyOf } from "./example_day";

const drawn = vi.hoisted(() => ({ badges: 0 }));

// Each row of a run or of an order has one badge, so badges that are drawn are rows that are drawn.
vi.mock("@/components/StatusBadge", () => ({
  StatusBadge: ({ of, status }: { of: string; status: string }) => {
    if (of !== "session") drawn.badges += 1;
    return <span>{status}</span>;
  },
}));

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

it("an answer that repeats what was there draws none of 100 runs and 400 orders again, and a changed order only itself", async () => {
  const runs = Array.from({ length: 100 }, (_, at) => runOf({ run_id: `run-${at}`, strategy_id: `strategy-${at}`, name: `Run ${at}` }));
  const orders = Array.from({ length: 400 }, (_, at) => orderOf({ intent_id: `order-${at}`, run_id: `run-${at % 100}`, status: "accepted" }));
  let answers = 0;
  let filled = false;
  const day = () => {
    answers += 1;
    const as_of = new Date(NOW + answers).toISOString();
    return { body: { ...DAY, as_of, runs, orders: orders.map((order, at) => (filled && at === 7 ? { ...order, status: "filled" as const } : order)) } };
  };
  stage("/", { ...apiOf({ strategies: [strategyOf("straddle", "Straddle")] }), "GET /api/days/2026-11-23": day });
  await screen.findByText("Run 99", { selector: "button span" }, { timeout: 15_000 });
  await screen.findByText("Lots entered");

  drawn.badges = 0;
  const before = answers;
  await waitFor(() => expect(answers).toBeGreaterThan(before), { timeout: 15_000 });
  await new Promise((done) => setTimeout(done, 300));
  expect(drawn.badges).toBe(0);

  filled = true;
  await screen.findByText("filled", { selector: "[role=cell] span" }, { timeout: 15_000 });
  // Twice, since strict mode draws twice.
  expect(drawn.badges).toBe(2);
});
