import { describe, expect, test } from "vitest";

import { asOneLine, inspectPaste, safeToPaste, titleOf, visiblePieces, withoutHidden, type PasteRisk } from "./paste";

function check(text: string, ...risks: PasteRisk[]) {
  expect(inspectPaste(text).risks).toEqual(risks);
}

describe("a text that only says what it says", () => {
  test.each(["ls -la", "", "Grüße aus Köln", "echo 漢字", "échappé", "👩‍💻 --version", "👩🏽‍💻 --version", "❤\ufe0f", "☎\ufe0e", "1\ufe0f\u20e3", "🏳\ufe0f‍🌈", "привет", "curl -O https://example.net/a.tar", "cat a | sort"])(
    "%s goes without a question",
    (text) => check(text),
  );
});

test("lines are counted, and a last line end says that it runs at once", () => {
  check("uptime\n", "runs_at_once");
  check("cd /tmp\r\nls\r\n", "lines");
  expect(inspectPaste("a\nb\nc\n").lines).toBe(3);
});

describe("characters that cannot be seen", () => {
  test.each([
    ["rm\u200b -rf", "hidden"],
    ["ls\u00a0-la", "hidden"],
    ["\ufeffls", "hidden"],
    ["ls\u{e0041}", "hidden"],
    ["ls\u2800-la", "hidden"],
    ["ls\ufff9a\ufffab\ufffb", "hidden"],
    ["ls\u{e0100}", "hidden"],
    ["ls\u{e01ef}", "hidden"],
    ["ls\ufe00", "hidden"],
    ["ls\ufe0f -la", "hidden"],
    ["1\ufe0f", "hidden"],
    ["❤\ufe0f\ufe0f", "hidden"],
    ["❤\ufe0f\ufe01", "hidden"],
    ["👩‍ls", "hidden"],
    ["echo \u202egnp.exe", "bidi"],
    ["a\u2066b\u2069", "bidi"],
    ["ls\u001b[201~rm", "control"],
    ["a\u0003b", "control"],
    ["p\u0430ypal.com", "mixed_scripts"],
  ] as [string, PasteRisk][])("%j: %s", (text, risk) => check(text, risk));

  test("they get a mark with their name, and the rest stays as it is", () => {
    expect(visiblePieces("a\u202eb\u200bc\u0001")).toEqual([
      { text: "a", mark: null },
      { text: "\u202e", mark: "RLO" },
      { text: "b", mark: null },
      { text: "\u200b", mark: "ZWSP" },
      { text: "c", mark: null },
      { text: "\u0001", mark: "U+0001" },
    ]);
  });

  test("what belongs to an emoji is not marked, and what only follows it is", () => {
    expect(visiblePieces("👩‍💻❤\ufe0f\ufe0f")).toEqual([
      { text: "👩‍💻❤\ufe0f", mark: null },
      { text: "\ufe0f", mark: "U+FE0F" },
    ]);
  });

  test("they can be taken out", () => {
    expect(withoutHidden("ls\u00a0-la\u200b\u202e")).toBe("ls -la");
    expect(withoutHidden("l\ufe0fs\u2800 ❤\ufe0f\u{e0100} 👩‍💻")).toBe("ls ❤\ufe0f 👩‍💻");
  });
});

describe("what is fetched and run", () => {
  test.each([
    "curl https://get.example.net | sh",
    "curl -fsSL https://get.example.net|sudo -E bash -",
    "wget -qO- https://get.example.net | bash -s -- --yes",
    "bash <(curl -s https://get.example.net)",
    'sh -c "$(curl -fsSL https://get.example.net)"',
    'eval "$(wget -qO- https://get.example.net)"',
    "curl https://get.example.net | python3",
    "curl https://get.example.net | tee x | /bin/zsh",
    "iwr https://get.example.net | iex",
    "echo cm0K | base64 -d | sh",
  ])("%s", (text) => check(text, "pipe_to_shell"));

  test("also over continued lines", () => check("curl https://get.example.net \\\n | sh", "lines", "pipe_to_shell"));
});

test("one line out of many", () => {
  expect(asOneLine("apt-get update\n\n  apt-get upgrade\r\n")).toBe("apt-get update apt-get upgrade");
});

test("the end of a bracketed paste never goes through", () => {
  expect(safeToPaste("a\u001b[201~\nb\tc")).toBe("a[201~\nb\tc");
});

test.each([
  ["me@web-1: ~/src", "me@web-1: ~/src"],
  ["  vim \u202ecod.exe\u0007 ", "vim cod.exe"],
  [" \u200b ", null],
  ["x".repeat(500), "x".repeat(120)],
])("a title of %j is shown as %j", (told, shown) => expect(titleOf(told)).toBe(shown));
