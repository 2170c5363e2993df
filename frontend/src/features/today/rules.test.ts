import { describe, expect, it } from "vitest";

import { timelineOf } from "./day_rows";
import { labelsOf, marksOf, placeOf, spanOf, toldOf } from "./day_strip";
import { dueWithoutRun, haltWords, momentsAfter, whyNothing } from "./due";
import { DAY, HALT, haltOf, HOLIDAY, ME, NOW, ORDER, orderOf, POINTS, RUN, runOf, strategyOf } from "./example_day";
import { countdown, millisecondsBetween, offsetText } from "./offset";
import { filtered } from "./order_groups";
import { curveOf, spanOfPoints } from "./profit_curve";
import { namesOf, runsToClose } from "./scopes";
import { dueDay, paceOf, phaseOf } from "./trading_day";
import { reasonOfOrder, reasonOfRun, withNames } from "./words";

const NAMES = namesOf(DAY.runs, ME, []);
/** A day of a laptop, whose session is the day. */
const LAPTOP = {
  ...DAY,
  session: "the session of this environment never closes",
  sessions: [{ name: "continuous", opens: "2026-11-23T00:00:00+05:30", closes: "2026-11-24T00:00:00+05:30" }],
};

const at = (hhmm: string) => Date.parse(`2026-11-23T${hhmm}:00+05:30`);

describe("the calendar", () => {
  it.each([
    ["REGULAR", "2026-11-23", "MON"],
    ["SPECIAL", "2026-11-08", "SPECIAL"],
    ["CLOSED", "2026-11-23", null],
  ] as const)("%s on %s makes %s due", (kind, date, word) => expect(dueDay(kind, date)).toBe(word));

  it.each([
    ["09:00", "Before the session: opens at 09:15 IST, in 15 min"],
    ["11:32", "Open until 15:30 IST, 3 h 58 min left"],
    ["15:30", "Closed since 15:30 IST"],
  ])("tells the phase of a regular day at %s", (hhmm, words) => expect(phaseOf(DAY, at(hhmm)).words).toBe(words));

  it("tells a pause between sessions, and the name of a special one", () => {
    const evening = { name: "Muhurat", opens: "2026-11-23T18:00:00+05:30", closes: "2026-11-23T19:00:00+05:30" };
    const day = { ...DAY, kind: "SPECIAL" as const, sessions: [...DAY.sessions, evening] };
    expect(phaseOf(day, at("16:00")).words).toBe("Between sessions: opens again at 18:00 IST, in 2 h");
    expect(phaseOf(day, at("18:20")).words).toBe("Open (Muhurat) until 19:00 IST, 40 min left");
  });

  it("tells why a day is closed, and that a laptop never is", () => {
    expect(phaseOf(HOLIDAY, NOW)).toEqual({ open: false, words: "Closed: holiday Diwali" });
    expect(phaseOf(LAPTOP, NOW).words).toMatch(/never closes, and the strip is the whole day$/);
  });
});

describe("the strip of the day", () => {
  const due = dueWithoutRun(DAY, [strategyOf("straddle", "Straddle"), strategyOf("fly", "Fly", { exit: "15:00" })], [], NAMES);

  it("marks each minute once, with everything that enters or leaves in it", () => {
    expect(marksOf(DAY, due).map(toldOf)).toEqual([
      "09:14 IST: entry of Condor",
      "09:20 IST: entry of Straddle, Fly",
      "15:00 IST: exit of Fly",
      "15:10 IST: exit of Condor, Straddle",
    ]);
  });

  it("marks neither what will not enter, nor the exit of what entered nothing", () => {
    const stopped = dueWithoutRun({ ...DAY, runs: [] }, [strategyOf("straddle", "Straddle")], [HALT], NAMES);
    expect(marksOf({ ...DAY, runs: [runOf({ status: "missed" })] }, stopped).map(toldOf)).toEqual(["09:14 IST: entry of Condor"]);
  });

  it("goes from the first open to the last close, and to what is due outside", () => {
    const span = spanOf(DAY, marksOf(DAY, due));
    expect(span).toEqual({ from: at("09:14"), to: at("15:30") });
    expect(spanOf(HOLIDAY, [])).toBeNull();
  });

  it("writes no label over another", () => {
    const marks = marksOf(DAY, due);
    const span = spanOf(DAY, marks);
    if (!span) throw new Error("the example has a session");
    const labels = labelsOf(marks, placeOf(span, 1000), 1000).map((label) => label?.text ?? null);
    expect(labels).toEqual(["09:14 Condor", null, "15:00 Fly", null]);
  });
});

describe("the curve of the profit", () => {
  const size = { width: 300, height: 200 };
  const span = spanOfPoints(DAY, POINTS);

  it("has a gap where a mark is null, and where marks are lost", () => {
    expect(curveOf(POINTS, span, size).lines.money.map((line) => line.length)).toEqual([1, 1]);
    const lost = POINTS.filter(({ money }) => money !== null).concat({ at: "2026-11-23T09:20:41+05:30", money: "1", paper: null });
    expect(curveOf(lost, span, size).lines.money.map((line) => line.length)).toEqual([2, 1]);
  });

  it("keeps zero in sight, and its extremes as the API wrote them", () => {
    const { highest, lowest, y } = curveOf(POINTS.slice(2), span, size);
    expect([highest, lowest]).toEqual(["322.5", "0"]);
    expect(y(highest)).toBeLessThan(y("0"));
  });

  it("is as wide as the session; where that never closes, as the marks and at least half an hour", () => {
    expect(span).toEqual({ from: Date.parse("2026-11-23T09:12:41+05:30"), to: at("15:30") });
    const laptop = spanOfPoints(LAPTOP, POINTS);
    expect(laptop.to - laptop.from).toBe(30 * 60_000);
  });
});

describe("the words of the API", () => {
  it.each([
    ["filled", "accepted", ""],
    ["filled", "COMPLETE", ""],
    ["filled", "its limit could not be moved", "its limit could not be moved"],
    ["refused", "open", "open"],
  ] as const)("of a %s order: %s is told as '%s'", (status, reason, told) => expect(reasonOfOrder({ status, reason })).toBe(told));

  it("of a run are told where they say more than its status", () => {
    expect(reasonOfRun(RUN)).toBe("");
    expect(reasonOfRun(runOf({ status: "flat", reason: "every position is closed; squared off by you" }))).toMatch(/squared off/);
  });

  it("name accounts and strategies, not their ids", () => {
    expect(withNames("account kite is disabled", NAMES)).toBe("account Kite is disabled");
    expect(withNames("leg 1 (SELL X at kite) refused at 10:00", NAMES)).toBe("leg 1 (SELL X at Kite) refused at 10:00");
    expect(withNames("account 'other' is not linked", NAMES)).toBe("account 'other' is not linked");
    expect(haltWords(haltOf({ kind: "strategy", id: "condor" }), NAMES)).toBe("the strategy Condor is halted (wrong quotes)");
  });
});

describe("the pace", () => {
  const night = Date.parse("2026-11-23T20:00:00+05:30");

  it("is two seconds in market hours and thirty outside", () => {
    expect(paceOf(DAY, NOW)).toBe(2_000);
    expect(paceOf(DAY, night)).toBe(30_000);
    expect(paceOf(HOLIDAY, NOW)).toBe(30_000);
  });

  it("is quick at any hour while a run moves, or near its times", () => {
    expect(paceOf({ ...DAY, runs: [runOf({ status: "exiting" })] }, night)).toBe(2_000);
    expect(paceOf({ ...DAY, runs: [runOf({ exit: "20:01" })] }, night)).toBe(2_000);
  });
});

describe("what is due", () => {
  const straddle = strategyOf("straddle", "Straddle");
  const closed = { ...DAY, runs: [runOf({ status: "flat" })] };

  it("is an enabled strategy of the day without a run, at the times of its weekday", () => {
    const days = [{ weekday: "MON" as const, entry: "10:00", exit: "14:00" }];
    const due = dueWithoutRun(DAY, [strategyOf("condor", "Condor"), strategyOf("own", "Own", { days }), strategyOf("tue", "Tue", { weekdays: ["TUE"] })], [], NAMES);
    expect(due.map(({ strategy, entry }) => [strategy.strategy_id, entry])).toEqual([["own", "10:00"]]);
  });

  it("is not what is disabled", () => {
    const disabled = { ...straddle, definition: { ...straddle.definition, enabled: false } };
    expect(dueWithoutRun(DAY, [disabled], [], NAMES)).toEqual([]);
  });

  it("comes soonest first: entries without a run, exits of what is open", () => {
    const due = dueWithoutRun(DAY, [straddle], [], NAMES);
    expect(momentsAfter(NOW, DAY, due).map(({ what, name }) => `${what} of ${name}`)).toEqual(["entry of Straddle", "exit of Condor"]);
  });

  it.each([
    ["the user", HALT],
    ["the platform", haltOf({ kind: "platform" })],
    ["its strategy", haltOf({ kind: "strategy", id: "straddle" })],
    ["an account of it", haltOf({ kind: "account", id: "kite" })],
  ])("is stopped by a halt of %s, with the reason", (_of, halt) => {
    const due = dueWithoutRun(closed, [straddle], [halt], NAMES);
    expect(momentsAfter(NOW, closed, due)).toEqual([]);
    expect(whyNothing(NOW, closed, [straddle], due)).toMatch(/^Straddle would enter at 09:20, but .*halted \(wrong quotes\)$/);
  });

  it("is not stopped by a halt of another thing", () => {
    const halt = haltOf({ kind: "account", id: "other" });
    expect(dueWithoutRun(DAY, [straddle], [halt], NAMES)[0]?.stopped).toEqual([]);
  });

  it("is nothing on holidays and after the last exit, and it says why", () => {
    expect(whyNothing(NOW, HOLIDAY, [], [])).toBe("holiday: Diwali");
    expect(whyNothing(NOW, closed, [], [])).toBe("every entry and exit of today is past");
    expect(whyNothing(NOW, { ...DAY, runs: [] }, [], [])).toBe("no strategy is enabled");
    expect(whyNothing(NOW, { ...DAY, runs: [] }, [straddle], [])).toBe("no enabled strategy names this day");
  });

  it("stands in the timeline by the time of entry", () => {
    const due = dueWithoutRun(DAY, [strategyOf("early", "Early", { entry: "09:10" }), straddle], [], NAMES);
    expect(timelineOf(DAY.runs, due).map(({ name }) => name)).toEqual(["Early", "Condor", "Straddle"]);
  });
});

describe("orders", () => {
  const refused = orderOf({ intent_id: "2", status: "refused" });
  const sending = orderOf({ intent_id: "3", status: "sending" });

  it("are problems where their status is one, and open where they have no end", () => {
    const all = [ORDER, refused, sending];
    expect(filtered(all, "all")).toEqual(all);
    expect(filtered(all, "problems")).toEqual([refused]);
    expect(filtered(all, "open")).toEqual([sending]);
  });
});

describe("a square-off", () => {
  const other = runOf({ run_id: "fly-20261123", strategy_id: "fly" });
  const day = { ...DAY, runs: [RUN, other, runOf({ run_id: "done", status: "flat" })], orders: [ORDER, orderOf({ run_id: "done" })] };

  it.each([
    [{ kind: "user", id: null }, [RUN, other]],
    [{ kind: "strategy", id: "fly" }, [other]],
    [{ kind: "run", id: RUN.run_id }, [RUN]],
    [{ kind: "account", id: "kite" }, [RUN]],
  ] as const)("of %o closes its open runs only", (scope, runs) => expect(runsToClose(scope, day)).toEqual(runs));
});

describe("milliseconds", () => {
  it.each([
    [4.23, "+4.2"],
    [-0.31, "−0.3"],
    [0.01, "0"],
    [-1204.4, "−1,204"],
    [123_456.7, "+1,23,457"],
  ])("%d is %s", (milliseconds, text) => expect(offsetText(milliseconds)).toBe(text));

  it.each([
    [296_000, "04:56"],
    [7_496_000, "2:04:56"],
    [36_000_000, "10:00:00"],
    [-5, "00:00"],
  ])("%d are counted down as %s", (milliseconds, text) => expect(countdown(milliseconds)).toBe(text));

  it("between two instants are told to the microsecond", () => {
    expect(millisecondsBetween("2026-11-23T11:37:00.053984+05:30", "2026-11-23T11:37:00.059902+05:30")).toBe(5.918);
    expect(millisecondsBetween("2026-11-23T11:37:00+05:30", "2026-11-23T11:37:01.5+05:30")).toBe(1500);
    expect(millisecondsBetween(null, "2026-11-23T11:37:01+05:30")).toBeNull();
  });
});
