import { describe, expect, it } from "vitest";

import { IDENTITY } from "../../tests/stage";
import { readConfig } from "./config";

const HOSTED = { kind: "hosted", domain: "https://legwise.auth.example", client_id: "client-1", scopes: ["openid"], identity: { ...IDENTITY } };
const read = (auth: unknown) => readConfig({ environment: "prod", region: "ap-south-1", api: "/api", auth }).auth;

describe("the configuration", () => {
  it("tells where and how the own sign-in is changed", () =>
    expect(read(HOSTED)).toEqual({ kind: "hosted", domain: "legwise.auth.example", client_id: "client-1", scopes: ["openid"], identity: IDENTITY }));

  it("may be older than the pages, and then says nothing of it", () => expect(read({ ...HOSTED, identity: undefined }).identity).toBeNull());

  it.each([
    ["endpoint", ""],
    ["second_factor", "yes"],
    ["refresh_days", 0],
    ["password_policy", { ...IDENTITY.password_policy, digits: undefined }],
    ["password_policy", { ...IDENTITY.password_policy, min_length: "12" }],
  ])("is not half a one: %s is named", (name, value) => expect(() => read({ ...HOSTED, identity: { ...IDENTITY, [name]: value } })).toThrow(`auth.identity.${name}`));
});
