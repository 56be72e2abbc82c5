// Where a key takes the active row of a table.

/** The row to go to, or nothing when the key does not move. */
export function moveRow(key: string, from: number, count: number, page: number): number | null {
  const clamp = (row: number) => Math.min(Math.max(row, 0), count - 1);
  switch (key) {
    case "j":
    case "ArrowDown":
      return clamp(from + 1);
    case "k":
    case "ArrowUp":
      return clamp(from - 1);
    case "PageDown":
      return clamp(from + page);
    case "PageUp":
      return clamp(from - page);
    case "Home":
      return clamp(0);
    case "End":
      return clamp(count - 1);
    default:
      return null;
  }
}
