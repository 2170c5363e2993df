// node audit.mjs '{"origin", "runs", "pages": [{"name", "path", "signedIn"}]}': audits each page in a browser of this
// machine (CHROME_PATH), for a desktop and for a phone, one line of JSON for each audit.
//
// A signed-in page is audited in the tab that has signed in, since the sign-in ends with its tab; so Lighthouse must
// not empty the storage, and the cache is emptied here.
import { argv, env, stdout } from "node:process";

import lighthouse, { desktopConfig } from "lighthouse";
import puppeteer from "puppeteer-core";

const { origin, runs, pages } = JSON.parse(argv[2]);
const FORMS = { desktop: desktopConfig, phone: undefined };
const CATEGORIES = ["performance", "accessibility"];
const TIMES = {
  fcp: "first-contentful-paint",
  lcp: "largest-contentful-paint",
  tbt: "total-blocking-time",
  cls: "cumulative-layout-shift",
  speed: "speed-index",
};

async function signIn(tab) {
  await tab.goto(origin, { waitUntil: "networkidle2" });
  const buttons = await tab.$$("button");
  const names = await Promise.all(buttons.map((button) => button.evaluate((one) => one.textContent)));
  await buttons[names.indexOf("Sign in as the demo user")].click();
  await tab.waitForSelector("nav[aria-label=Pages]");
}

/** What came over the wire, in bytes as they were transferred: the code of the pages, and what the API answered. */
function transferred(audits) {
  const found = { script: 0, style: 0, other: 0, api: 0, requests: 0 };
  for (const { url, resourceType, transferSize } of audits["network-requests"].details.items) {
    const { pathname } = new URL(url);
    const api = pathname.startsWith("/api") || pathname.startsWith("/cognito");
    found[api ? "api" : { Script: "script", Stylesheet: "style" }[resourceType] ?? "other"] += transferSize ?? 0;
    found.requests += 1;
  }
  return found;
}

/** The audits that cost points. */
function costly({ categories, audits }) {
  return Object.values(categories).flatMap(({ auditRefs }) =>
    auditRefs
      .filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 0.9)
      .map(({ id }) => `${id} ${audits[id].displayValue ?? audits[id].score}`),
  );
}

/** A trace that could not be read (a busy machine begins it late) is taken again. */
async function audit(tab, page, form, again = 2) {
  const browser = await tab.createCDPSession();
  await browser.send("Network.clearBrowserCache");
  await browser.detach();
  const flags = { onlyCategories: CATEGORIES, disableStorageReset: true, logLevel: "silent" };
  const { lhr } = await lighthouse(`${origin}${page.path}`, flags, FORMS[form], tab);
  if (lhr.runtimeError && again > 0) return audit(tab, page, form, again - 1);
  if (lhr.runtimeError) throw new Error(`${page.path}: ${lhr.runtimeError.message}`);
  const shown = new URL(lhr.finalDisplayedUrl).pathname;
  if (shown !== page.path) throw new Error(`${page.path} was not shown, but ${shown}`);
  return {
    page: page.name,
    form,
    lighthouse: lhr.lighthouseVersion,
    browser: lhr.environment.hostUserAgent.match(/Chrome\/[\d.]+/)?.[0] ?? "",
    scores: Object.fromEntries(CATEGORIES.map((name) => [name, Math.round(lhr.categories[name].score * 100)])),
    times: Object.fromEntries(Object.entries(TIMES).map(([name, id]) => [name, lhr.audits[id].numericValue])),
    bytes: transferred(lhr.audits),
    costly: costly(lhr),
  };
}

const args = ["--disable-dev-shm-usage", "--no-sandbox"];
const browser = await puppeteer.launch({ executablePath: env.CHROME_PATH, args });
try {
  const signedOut = await (await browser.createBrowserContext()).newPage();
  const signedIn = await (await browser.createBrowserContext()).newPage();
  await signIn(signedIn);
  // In turns, so that a busy moment of the machine does not fall on one page alone.
  for (let run = 0; run < runs; run += 1) {
    for (const form of Object.keys(FORMS)) {
      for (const page of pages) stdout.write(`${JSON.stringify(await audit(page.signedIn ? signedIn : signedOut, page, form))}\n`);
    }
  }
} finally {
  await browser.close();
}
