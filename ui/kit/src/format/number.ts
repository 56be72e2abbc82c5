// Sizes in binary units, and counts that stay exact until they are too long to read.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** A size such as `512 B`, `1.5 GiB`. */
export function bytesWords(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  const text = value.toFixed(digits).replace(/\.0$/, "");
  return `${bytes < 0 ? "−" : ""}${text} ${UNITS[unit]}`;
}

const grouped = new Intl.NumberFormat("en-GB");

/** A count with thin grouping, such as `9,412`. */
export function exactCount(value: number): string {
  return grouped.format(value);
}

/** A count, abbreviated only above 10,000, such as `12.3k` or `1.2M`. */
export function countWords(value: number): string {
  if (value <= 10_000) return exactCount(value);
  const [scaled, unit] = value < 1_000_000 ? [value / 1000, "k"] : [value / 1_000_000, "M"];
  return `${(Math.floor(scaled * 10) / 10).toString()}${unit}`;
}

/** `1 host`, `3 hosts`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${exactCount(count)} ${count === 1 ? one : many}`;
}
