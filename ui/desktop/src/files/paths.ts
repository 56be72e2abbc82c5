// Paths of hosts and of this device, file modes, and the order of a listing. Nothing here draws.
import type { contract } from "@luumen/backend";

/** The folder above; the root is above itself. */
export function parentOf(path: string): string {
  const windows = /^[A-Za-z]:[\\/]/.test(path);
  const parts = path.replace(/[\\/]+$/, "").split(windows ? /[\\/]/ : "/");
  parts.pop();
  if (windows) return parts.length <= 1 ? `${parts[0] ?? path.slice(0, 2)}\\` : parts.join("\\");
  return parts.join("/") || "/";
}

export function joined(folder: string, name: string): string {
  const slash = /^[A-Za-z]:[\\/]/.test(folder) ? "\\" : "/";
  return folder.endsWith(slash) ? folder + name : folder + slash + name;
}

/** The folders on the way to a path, each with its own path. */
export function crumbs(path: string): { name: string; path: string }[] {
  if (/^[A-Za-z]:[\\/]/.test(path)) {
    const parts = path.split(/[\\/]/).filter(Boolean);
    return parts.map((name, index) => ({ name, path: index === 0 ? `${name}\\` : parts.slice(0, index + 1).join("\\") }));
  }
  const parts = path.split("/").filter(Boolean);
  return [{ name: "/", path: "/" }, ...parts.map((name, index) => ({ name, path: `/${parts.slice(0, index + 1).join("/")}` }))];
}

const NAMED = 5;

/** The names of entries: all of a few, the first of many and how many more there are. */
export function namesWords(entries: readonly Pick<contract.Entry, "name">[]): string {
  const names = entries.slice(0, NAMED).map(({ name }) => name).join(", ");
  return entries.length > NAMED ? `${names} and ${entries.length - NAMED} more` : names;
}

/** `rwxr-x---`, with the letters for setuid, setgid and sticky. */
export function modeWords(mode: number): string {
  const three = (bits: number, special: boolean, letter: string) => {
    const last = bits & 1 ? (special ? letter : "x") : special ? letter.toUpperCase() : "-";
    return `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${last}`;
  };
  return three((mode >> 6) & 7, (mode & 0o4000) !== 0, "s") + three((mode >> 3) & 7, (mode & 0o2000) !== 0, "s") + three(mode & 7, (mode & 0o1000) !== 0, "t");
}

/** The number in `0640`, `640` or `rw-r-----`; null when it is none. */
export function readMode(text: string): number | null {
  const typed = text.trim();
  if (/^[0-7]{3,4}$/.test(typed)) return Number.parseInt(typed, 8);
  if (!/^([r-][w-][xsS-]){2}[r-][w-][xtT-]$/.test(typed)) return null;
  return [...typed].reduce((mode, letter, index) => {
    const bit = "-ST".includes(letter) ? 0 : 1 << (8 - index);
    const special = "sS".includes(letter) ? (index === 2 ? 0o4000 : 0o2000) : "tT".includes(letter) ? 0o1000 : 0;
    return mode | bit | special;
  }, 0);
}

export type SortBy = "name" | "size" | "modified";

/** Folders first, then by what was chosen; names with numbers in the order of their value. */
export function sortEntries(entries: readonly contract.Entry[], by: SortBy, descending: boolean): contract.Entry[] {
  const sign = descending ? -1 : 1;
  const compare = (a: contract.Entry, b: contract.Entry): number => {
    if (by === "size") return a.size_bytes - b.size_bytes;
    if (by === "modified") return (a.modified_at ?? "").localeCompare(b.modified_at ?? "");
    return a.name.localeCompare(b.name, undefined, { numeric: true });
  };
  return [...entries].sort((a, b) => Number(isFolder(b)) - Number(isFolder(a)) || sign * compare(a, b) || a.name.localeCompare(b.name));
}

/** What can be gone into: folders, and links that lead to one. */
export const isFolder = ({ kind, link_directory }: Pick<contract.Entry, "kind" | "link_directory">): boolean => kind === "directory" || link_directory;

export function shownEntries(entries: readonly contract.Entry[], hidden: boolean, typed: string): contract.Entry[] {
  const word = typed.trim().toLowerCase();
  return entries.filter(({ name }) => (hidden || !name.startsWith(".")) && name.toLowerCase().includes(word));
}
