import { expect, test } from "vitest";

import { isAnswer } from "./answers";

const answers = ["\x1b[?1;2c", "\x1b[>0;276;0c", "\x1b[0n", "\x1b[24;80R", "\x1b[?2026;2$y", "\x1b]11;rgb:1919/1d1d/2121\x1b\\", "\x1bP1$r0m\x1b\\", "\x1b[I", "\x1b[O", "\x1b[8;24;80t", "\x1b[<0;12;7M", "\x1b[<65;120;40M", "\x1b[<0;12;7m", "\x1b[M +)"];
const typed = ["a", "grüße 漢字", "\r", "\x03", "\x1b", "\x1b[A", "\x1bOP", "\x1b[3~", "\x1b[1;5C", "\x1bb", "\x1b[200~ls\x1b[201~", "\x1b[Z", "\x1b[15~", "\x1b[M", "\x1bM"];

test.each(answers)("%j is an answer of the terminal", (text) => expect(isAnswer(text)).toBe(true));
test.each(typed)("%j was typed", (text) => expect(isAnswer(text)).toBe(false));
