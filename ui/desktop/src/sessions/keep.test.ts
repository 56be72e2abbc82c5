import { describe, expect, test } from "vitest";

import { keepWords } from "./keep";

const words = (hosts: number, proxies: number) => keepWords({ name: "ops", hosts, proxies });

describe("where a password is kept", () => {
  test("it is said who gets it from then on", () => {
    expect(words(1, 0)).toBe("Keep it in the credential “ops” (used by 1 host)");
    expect(words(12, 0)).toBe("Keep it in the credential “ops” (used by 12 hosts)");
    expect(words(0, 3)).toBe("Keep it in the credential “ops” (used for the proxy of 3 hosts)");
    expect(words(2, 1)).toBe("Keep it in the credential “ops” (used by 2 hosts, and for the proxy of 1 host)");
    expect(words(0, 0)).toBe("Keep it in the credential “ops” (used by no host that is kept)");
  });
});
