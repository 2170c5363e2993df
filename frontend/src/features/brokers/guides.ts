/** What to do at a broker before linking; where its fields are found, the API tells.
 * Sources: docs/brokers.md and the brokers' own developer pages. */
export type Guide = {
  /** Where the keys are made. */
  steps: readonly string[];
  /** Orders are taken from a registered static address only. */
  staticAddress?: boolean;
  login: string;
};

const GUIDES: Readonly<Record<string, Guide>> = {
  angel_one: {
    steps: ["Open smartapi.angelone.in and create an app of the type Trading API.", "Choose Enable TOTP there: the TOTP secret is under the QR code."],
    staticAddress: true,
    login: "Needs no browser: Legwise makes the one-time password. A session lasts until midnight.",
  },
  dhan: {
    steps: ["Open web.dhan.co, Profile, Access DhanHQ APIs, API key.", "Create a key: it shows app ID and app secret, which are valid for 12 months."],
    staticAddress: true,
    login: "At Dhan's page, in this browser. A session lasts 24 hours.",
  },
  fyers: {
    steps: ["Open myapi.fyers.in and create an app: it shows App ID and secret."],
    staticAddress: true,
    login: "At Fyers' page, in this browser. A session lasts until midnight.",
  },
  groww: {
    steps: [
      "Open groww.in, Profile, Settings, Trading APIs, and generate an API key.",
      "With a TOTP secret Legwise logs in by itself; without one, approve the key on that page every day.",
    ],
    staticAddress: true,
    login: "Needs no browser. A session lasts until 06:00 IST.",
  },
  paper: {
    steps: ["Nothing to prepare. Orders are filled at the quotes of another linked account, and no money moves."],
    login: "Begins by itself with the login of the account that it quotes from, and ends at 06:00 IST.",
  },
  upstox: {
    steps: ["Open account.upstox.com/developer/apps and create a new app: it shows API key and secret."],
    staticAddress: true,
    login: "At Upstox's page, in this browser. A session ends at 03:30 IST.",
  },
  zerodha: {
    steps: ["Open developers.kite.trade, My apps, Create new app, of the type Connect.", "The app shows API key and API secret."],
    staticAddress: true,
    login: "At Kite's page, in this browser. A session ends at 06:00 IST.",
  },
};

/** What is known of a broker. One that is newer than these pages can be linked too, by the labels of its fields. */
export function guideOf(broker: string): Guide {
  return GUIDES[broker] ?? { steps: [], login: "" };
}

/** An id from a label: lower case, digits and dashes, as the API wants it, and none that is taken. */
export function idFrom(label: string, taken: readonly string[]): string {
  const words = label.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 36).replace(/-+$/, "");
  const base = words.length >= 2 ? words : `account${words && `-${words}`}`;
  if (!taken.includes(base)) return base;
  let number = 2;
  while (taken.includes(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}
