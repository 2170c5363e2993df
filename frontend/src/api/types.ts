import type { components } from "./schema";

/** The API's shapes by their names in docs/openapi.json. */
export type Schemas = components["schemas"];

export type Account = Schemas["AccountAnswer"];
export type AccountTest = Schemas["AccountTestAnswer"];
export type Broker = Schemas["BrokerAnswer"];
export type EgressRoute = Schemas["EgressRouteAnswer"];
export type LinkField = Schemas["LinkFieldAnswer"];
export type LinkRequest = Schemas["LinkRequest"];
export type Login = Schemas["LoginAnswer"];
export type Postback = Schemas["PostbackAnswer"];
