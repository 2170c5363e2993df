import { CalendarClock, ChartNoAxesColumn, Landmark, ListTree, Settings } from "lucide-react";

/** The places of the sidebar and of the bar at the bottom, in this order. */
export const PLACES = [
  { to: "/", label: "Today", icon: CalendarClock },
  { to: "/strategies", label: "Strategies", icon: ListTree },
  { to: "/brokers", label: "Brokers", icon: Landmark },
  { to: "/reports", label: "Reports", icon: ChartNoAxesColumn },
  { to: "/settings", label: "Settings", icon: Settings },
] as const;
