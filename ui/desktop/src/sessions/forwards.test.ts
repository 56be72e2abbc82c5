import { expect, test } from "vitest";

import { forwardFault, forwardWords } from "./forwards";

const SPEC = { id: "1", kind: "local" as const, bind: "127.0.0.1", port: 0, to_host: "db-3", to_port: 5432, auto: false, label: "" };

test("a forward says where it listens, with the port that it got", () => {
  expect(forwardWords({ ...SPEC, bound_port: 40_001 })).toBe("127.0.0.1:40001 → db-3:5432");
  expect(forwardWords({ ...SPEC, kind: "remote", bind: "::1", port: 8080 })).toBe("host [::1]:8080 → this device db-3:5432");
  expect(forwardWords({ ...SPEC, kind: "dynamic", port: 1080 })).toBe("SOCKS 127.0.0.1:1080");
});

test.each([
  [{}, null],
  [{ bind: " " }, "Say where to listen"],
  [{ to_host: "" }, "Say where it leads"],
  [{ to_port: null }, "Say to which port it leads"],
  [{ port: 70_000 }, "A port is a number up to 65535"],
  [{ kind: "dynamic" as const, to_host: null, to_port: null }, null],
])("%j: %s", (change, fault) => {
  expect(forwardFault({ ...SPEC, ...change })).toBe(fault);
});
