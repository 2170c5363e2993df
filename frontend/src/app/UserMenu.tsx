import { CircleUser, LogOut } from "lucide-react";

import { useAuth, useSession } from "@/auth/auth";
import { Menu } from "@/components/ui/menu";

export function UserMenu() {
  const auth = useAuth();
  const session = useSession();
  return (
    <Menu
      button={{ variant: "ghost", size: "icon", "aria-label": "Your sign-in", children: <CircleUser aria-hidden /> }}
      heading={session.status === "signed-in" ? session.who : "Signed out"}
      items={[{ label: "Sign out", icon: LogOut, onSelect: () => void auth.signOut(), apart: true }]}
    />
  );
}
