import { definitionOf, legOf, NEAREST, type Definition, type Leg } from "./model";

export type Template = { id: string; title: string; told: string; definition: Definition };

const otm = (steps: number): Pick<Leg, "strike"> => ({ strike: { by: "moneyness", moneyness: "OTM", steps } });

function template(id: string, title: string, told: string, legs: Leg[]): Template {
  return { id, title, told, definition: definitionOf({ name: title, legs }) };
}

/** What a strategy may begin as: by moneyness, so that it fits any day and underlying; without accounts, and disabled. */
export const TEMPLATES: readonly Template[] = [
  template("short-straddle", "Short straddle", "Sells call and put at the money. Earns where little moves; its loss has no limit.", [
    legOf({ side: "SELL", right: "CE" }),
    legOf({ side: "SELL", right: "PE" }),
  ]),
  template("short-strangle", "Short strangle", "Sells call and put out of the money. Takes a wider range for less premium; its loss has no limit.", [
    legOf({ side: "SELL", right: "CE", ...otm(4) }),
    legOf({ side: "SELL", right: "PE", ...otm(4) }),
  ]),
  template("iron-condor", "Iron condor", "A short strangle with bought wings: the loss is limited on both sides.", [
    legOf({ side: "SELL", right: "CE", ...otm(4) }),
    legOf({ side: "BUY", right: "CE", ...otm(8) }),
    legOf({ side: "SELL", right: "PE", ...otm(4) }),
    legOf({ side: "BUY", right: "PE", ...otm(8) }),
  ]),
  template("iron-fly", "Iron fly", "A short straddle with bought wings: the loss is limited on both sides.", [
    legOf({ side: "SELL", right: "CE" }),
    legOf({ side: "BUY", right: "CE", ...otm(6) }),
    legOf({ side: "SELL", right: "PE" }),
    legOf({ side: "BUY", right: "PE", ...otm(6) }),
  ]),
  template("bull-call-spread", "Bull call spread", "Buys a call at the money and sells one above. Earns where the underlying rises; profit and loss are limited.", [
    legOf({ side: "BUY", right: "CE" }),
    legOf({ side: "SELL", right: "CE", ...otm(4) }),
  ]),
  template("bear-put-spread", "Bear put spread", "Buys a put at the money and sells one below. Earns where the underlying falls; profit and loss are limited.", [
    legOf({ side: "BUY", right: "PE" }),
    legOf({ side: "SELL", right: "PE", ...otm(4) }),
  ]),
  template("calendar", "Calendar spread", "Sells a call of the nearest expiry and buys the same strike a month later.", [
    legOf({ side: "SELL", right: "CE" }),
    legOf({ side: "BUY", right: "CE", expiry: { ...NEAREST, kind: "next_month" } }),
  ]),
];
