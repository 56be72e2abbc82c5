// The mark of an operating system, with its name for those who hover or hear.
import {
  IconBrandDebian,
  IconBrandOpenSource,
  IconBrandRedhat,
  IconBrandUbuntu,
  IconBrandWindows,
  IconServer2,
  type Icon,
} from "@tabler/icons-react";

const MARKS: [RegExp, Icon][] = [
  [/ubuntu/i, IconBrandUbuntu],
  [/debian/i, IconBrandDebian],
  [/red ?hat|rhel/i, IconBrandRedhat],
  [/windows/i, IconBrandWindows],
  [/alma|rocky|suse|alpine|arch|fedora|amazon|oracle|bsd|linux/i, IconBrandOpenSource],
];

export function OsMark({ os }: { os: string | null }) {
  const Mark = MARKS.find(([pattern]) => os !== null && pattern.test(os))?.[1] ?? IconServer2;
  return (
    <span className="os-mark" title={os ?? "System not known before the first scan"}>
      <Mark size={15} stroke={1.6} aria-hidden />
    </span>
  );
}
