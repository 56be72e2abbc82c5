// The text of the throughput benchmark: lines as of `ls -l --color` and `systemctl`, with colours, resets and columns.
// All of it is ASCII, so that characters are bytes.

/** About a megabyte, repeated up to a length. Needs nothing outside of it, so that a page can run it, too. */
export function colouredText(bytes) {
  const atLeast = 1_000_000;
  const all = [];
  let length = 0;
  for (let line = 1; length < atLeast; line += 1) {
    const hash = ((line * 2_654_435_761) >>> 0).toString(16);
    const text = `\u001b[3${(line % 7) + 1}m${String(line).padStart(8, "0")}\u001b[0m drwxr-xr-x  2 root root 4096 Nov 22 00:36 \u001b[1;34msome_file_${hash}.conf\u001b[0m active running\r\n`;
    all.push(text);
    length += text.length;
  }
  const block = all.join("");
  return block.repeat(Math.ceil(bytes / block.length)).slice(0, bytes);
}
