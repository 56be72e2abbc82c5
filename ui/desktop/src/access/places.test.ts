import { describe, expect, test } from "vitest";

import { placeWords } from "./places";

describe("where secrets are", () => {
  test("a keychain that is only locked is not taken for none", () => {
    expect(placeWords({ place: "keychain", state: "locked" })).toBe("Secrets are in this system's keychain, which is locked.");
    expect(placeWords({ place: "keychain", state: "open" })).toBe("Secrets are in this system's keychain.");
    expect(placeWords({ place: "none", state: "new" })).toContain("no keychain is used, and there is no vault yet");
  });
});
