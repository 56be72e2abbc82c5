// The search in the scrollback. It marks what it finds by selecting it, and that is not what a person selected.
import { SearchAddon } from "@xterm/addon-search";

/** A search in the scrollback, as it stands. */
export interface Found {
  /** Which of them is shown; less than 0 where there are too many to count. */
  index: number;
  count: number;
}

/** So many are marked; those behind are found, and not counted. */
const MOST_COUNTED = 1000;

export class Search extends SearchAddon {
  /** It is selecting just now. Once begun, it looks again by itself when more was written. */
  selects = false;

  constructor() {
    super({ highlightLimit: MOST_COUNTED });
  }

  override findNext(...how: Parameters<SearchAddon["findNext"]>): boolean {
    return this.quietly(() => super.findNext(...how));
  }

  override findPrevious(...how: Parameters<SearchAddon["findPrevious"]>): boolean {
    return this.quietly(() => super.findPrevious(...how));
  }

  private quietly(look: () => boolean): boolean {
    this.selects = true;
    try {
      return look();
    } finally {
      this.selects = false;
    }
  }
}

/** How many there are, as the search says it. */
export function foundWords({ index, count }: Found): string {
  if (count === 0) return "not found";
  return index < 0 ? `${count} or more` : `${index + 1} of ${count}`;
}
