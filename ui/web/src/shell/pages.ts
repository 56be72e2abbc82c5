// The pages in the rail. Only what exists is listed.
import { IconBox, IconGauge, IconRoute, IconServer2, IconSettings, IconShieldExclamation, type Icon } from "@tabler/icons-react";

export interface RailPage {
  name: string;
  href: string;
  keys: string;
  icon: Icon;
  /** Addresses that belong to the page. */
  holds: (path: string) => boolean;
}

const under = (root: string) => (path: string) => path === root || path.startsWith(`${root}/`);

export const PAGES: RailPage[] = [
  { name: "Overview", href: "/", keys: "g o", icon: IconGauge, holds: (path) => path === "/" },
  { name: "Hosts", href: "/hosts", keys: "g h", icon: IconServer2, holds: under("/hosts") },
  {
    name: "Vulnerabilities",
    href: "/vulnerabilities",
    keys: "g v",
    icon: IconShieldExclamation,
    holds: under("/vulnerabilities"),
  },
  { name: "Packages", href: "/packages", keys: "g p", icon: IconBox, holds: under("/packages") },
  {
    name: "Agents and runs",
    href: "/agents",
    keys: "g a",
    icon: IconRoute,
    holds: (path) => under("/agents")(path) || under("/runs")(path),
  },
  { name: "Settings", href: "/settings", keys: "g s", icon: IconSettings, holds: under("/settings") },
];

/** Pages inside of others, for the palette and the keys. */
export const INNER_PAGES: Pick<RailPage, "name" | "href" | "keys">[] = [
  { name: "Fixes", href: "/vulnerabilities/fixes", keys: "g f" },
  { name: "Trend of vulnerabilities", href: "/vulnerabilities/trend", keys: "g t" },
  { name: "Exceptions", href: "/vulnerabilities/exceptions", keys: "g e" },
  { name: "Feeds", href: "/vulnerabilities/feeds", keys: "g d" },
];
