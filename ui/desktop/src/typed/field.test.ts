import { describe, expect, test } from "vitest";

import { changeOf, reconciled, SIGN } from "./field";

describe("an edit that is taken before it is in the field", () => {
  test.each([
    ["insertText", "a", 2, 2, { from: 2, to: 2, text: "a" }],
    ["insertText", "a", 1, 3, { from: 1, to: 3, text: "a" }],
    ["insertFromPaste", "pass phrase\r\n", 0, 4, { from: 0, to: 4, text: "pass phrase" }],
    ["deleteContentBackward", null, 2, 2, { from: 1, to: 2, text: "" }],
    ["deleteContentBackward", null, 0, 0, { from: 0, to: 0, text: "" }],
    ["deleteContentForward", null, 2, 2, { from: 2, to: 3, text: "" }],
    ["deleteContentForward", null, 4, 4, { from: 4, to: 4, text: "" }],
    ["deleteByCut", null, 1, 3, { from: 1, to: 3, text: "" }],
    ["deleteWordBackward", null, 3, 3, { from: 0, to: 3, text: "" }],
    ["deleteSoftLineForward", null, 3, 3, { from: 3, to: 4, text: "" }],
    ["historyUndo", null, 3, 3, { from: 3, to: 3, text: "" }],
    ["insertCompositionText", "あ", 3, 3, null],
    ["insertLineBreak", null, 3, 3, null],
  ])("%s of %j at %i to %i", (inputType, data, from, to, expected) => {
    expect(changeOf(inputType, data, { from, to }, 4)).toEqual(expected);
  });
});

describe("an edit that the field did by itself", () => {
  const signs = (count: number) => SIGN.repeat(count);
  test.each([
    [signs(4), 4, 4, { from: 4, to: 4, text: "", caret: 4 }],
    [signs(3), 1, 4, { from: 1, to: 2, text: "", caret: 1 }],
    ["", 0, 4, { from: 0, to: 4, text: "", caret: 0 }],
    ["whole", 5, 4, { from: 0, to: 4, text: "whole", caret: 5 }],
    [`${signs(2)}か${signs(2)}`, 3, 4, { from: 2, to: 2, text: "か", caret: 3 }],
    [`か${signs(1)}`, 1, 4, { from: 0, to: 3, text: "か", caret: 1 }],
    [`${signs(4)}x`, 5, 4, { from: 4, to: 4, text: "x", caret: 5 }],
  ])("%j with the caret at %i over %i characters", (value, caret, length, expected) => {
    expect(reconciled(value, caret, length)).toEqual(expected);
  });
});
