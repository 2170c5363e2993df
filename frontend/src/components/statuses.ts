import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleHelp,
  CircleSlash,
  CircleX,
  Clock,
  Hourglass,
  LogIn,
  LogOut,
  PlugZap,
  Send,
  Unplug,
  type LucideIcon,
} from "lucide-react";

import type { Schemas } from "@/api/types";

import type { Tone } from "./ui/badge";

/** How a status looks: its words, a sign that is not a colour, and a colour. `told` says what it means. */
export type Look = { words: string; told: string; icon: LucideIcon; tone: Tone };

export type RunStatus = Schemas["RunStatus"];
export type OrderStatus = Schemas["IntentStatus"];
export type SessionStatus = Schemas["SessionStatus"];

// A status that the API gets and nobody dresses does not compile: the records must be whole.

export const RUN: Readonly<Record<RunStatus, Look>> = {
  preparing: { words: "Preparing", told: "Its orders are being planned", icon: CircleDashed, tone: "info" },
  entering: { words: "Entering", told: "Its entry orders are on their way", icon: LogIn, tone: "info" },
  open: { words: "Open", told: "All entry orders are filled", icon: CircleDot, tone: "primary" },
  exiting: { words: "Exiting", told: "Its exit orders are on their way", icon: LogOut, tone: "info" },
  flat: { words: "Flat", told: "Everything is closed", icon: CircleCheck, tone: "neutral" },
  refused: { words: "Refused", told: "Nothing was entered", icon: Ban, tone: "negative" },
  missed: { words: "Missed", told: "Its minute passed before an order was sent", icon: Clock, tone: "warning" },
  incomplete: { words: "Incomplete", told: "A part of it is missing: look now", icon: CircleAlert, tone: "negative" },
  unresolved: { words: "Unresolved", told: "It is not known what became of it: look now", icon: CircleHelp, tone: "negative" },
};

export const ORDER: Readonly<Record<OrderStatus, Look>> = {
  planned: { words: "Planned", told: "Waits for its moment", icon: CircleDashed, tone: "neutral" },
  sending: { words: "Sending", told: "On its way to the broker", icon: Send, tone: "info" },
  accepted: { words: "Accepted", told: "At the exchange, not filled yet", icon: Hourglass, tone: "info" },
  partly_filled: { words: "Partly filled", told: "A part of it is filled", icon: CircleDot, tone: "info" },
  unknown: { words: "Unknown", told: "Sent, without a readable answer: the broker is being asked", icon: CircleHelp, tone: "warning" },
  filled: { words: "Filled", told: "Wholly filled", icon: CircleCheck, tone: "positive" },
  refused: { words: "Refused", told: "The broker or the exchange said no", icon: CircleX, tone: "negative" },
  cancelled: { words: "Cancelled", told: "What was not filled is cancelled", icon: CircleSlash, tone: "warning" },
  expired: { words: "Expired", told: "It ended at the exchange without being filled", icon: Clock, tone: "warning" },
  missed: { words: "Missed", told: "Its time passed before it was sent", icon: Clock, tone: "warning" },
  withheld: { words: "Withheld", told: "Not sent, on purpose: the reason says why", icon: Ban, tone: "warning" },
};

export const SESSION: Readonly<Record<SessionStatus, Look>> = {
  active: { words: "Logged in", told: "The broker takes orders", icon: PlugZap, tone: "positive" },
  ended: { words: "Session ended", told: "Log in again", icon: Unplug, tone: "negative" },
  none: { words: "Never logged in", told: "Log in to trade", icon: CircleDashed, tone: "warning" },
};

/** The look of a status that may be newer than these pages: its own word then, in no colour. */
export function lookOf(looks: Readonly<Record<string, Look>>, status: string): Look {
  return looks[status] ?? { words: status.replaceAll("_", " "), told: "These pages do not know this status; reload them", icon: CircleHelp, tone: "neutral" };
}
