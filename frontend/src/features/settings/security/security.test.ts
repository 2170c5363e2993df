import decodeQR from "qr/decode.js";
import { describe, expect, it } from "vitest";

import { IDENTITY } from "../../../../tests/stage";
import { groupsOf, otpauthOf } from "./otpauth";
import { rulesOf } from "./password_rules";
import { qrPathOf } from "./qr_path";

describe("the rules of a password", () => {
  const missing = (password: string) => rulesOf(IDENTITY.password_policy).filter(({ met }) => !met(password)).map(({ words }) => words);

  it("are those of the pool, no more and no less", () => {
    expect(missing("Demo-trader-2026")).toEqual([]);
    expect(missing("")).toHaveLength(6);
    const lax = rulesOf({ min_length: 8, lowercase: true, uppercase: false, digits: false, symbols: false });
    expect(lax.map(({ words }) => words)).toEqual(["at least 8 characters", "a small letter, a to z", "no space at its start or end"]);
  });

  it.each([
    ["Demo-trader", "at least 12 characters"],
    ["DEMO-TRADER-2026", "a small letter, a to z"],
    ["demo-trader-2026", "a capital letter, A to Z"],
    ["Demo-trader-twentysix", "a digit"],
    ["Demotrader2026", "a symbol, such as ! ? - _ # @"],
    ["Demo-trader-2026 ", "no space at its start or end"],
  ])("find what %j lacks", (password, words) => expect(missing(password)).toContain(words));

  it("count letters without accents only, as Cognito does", () => expect(missing("ÄÖÜ-äöü-2026-x")).toContain("a capital letter, A to Z"));
});

describe("the address for an authenticator app", () => {
  it("names the environment where it is not the real one, and the user", () => {
    expect(otpauthOf({ key: "JBSWY3DP", who: "asha@example.com", environment: "prod" })).toBe("otpauth://totp/Legwise:asha%40example.com?secret=JBSWY3DP&issuer=Legwise");
    expect(otpauthOf({ key: "JBSWY3DP", who: "a", environment: "dev" })).toBe("otpauth://totp/Legwise%20dev:a?secret=JBSWY3DP&issuer=Legwise%20dev");
  });

  it("shows the key in groups of four", () => expect(groupsOf("JBSWY3DPEHPK3PXPAB")).toEqual(["JBSW", "Y3DP", "EHPK", "3PXP", "AB"]));
});

describe("the QR code", () => {
  it("is read as what it was made of", () => {
    const text = otpauthOf({ key: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", who: "asha@example.com", environment: "local" });
    expect(decodeQR(drawn(qrPathOf(text)))).toBe(text);
  });
});

/** The path as a picture, four pixels a module. */
function drawn({ path, size }: ReturnType<typeof qrPathOf>, scale = 4) {
  const width = size * scale;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++) {
      data.fill(0, (row * width + Number(x) * scale) * 4, (row * width + (Number(x) + Number(length)) * scale) * 4);
    }
  }
  for (let alpha = 3; alpha < data.length; alpha += 4) data[alpha] = 255;
  return { width, height: width, data };
}
