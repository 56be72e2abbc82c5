import type { contract } from "@luumen/backend";
import { expect, test } from "vitest";

import { forwardFaults, forwardWords, isOwnOnly, tidyForward, type ForwardFaults } from "./forwards";

const SPEC: contract.ForwardSpec = { id: "1", kind: "local", bind: "127.0.0.1", port: 0, to_host: "db-3", to_port: 5432, auto: false, label: "" };

test("a forward says where it listens, with the port that it got", () => {
  expect(forwardWords({ ...SPEC, bound_port: 40_001 })).toBe("127.0.0.1:40001 → db-3:5432");
  expect(forwardWords(SPEC)).toBe("127.0.0.1:any → db-3:5432");
  expect(forwardWords({ ...SPEC, kind: "remote", bind: "::1", port: 8080 })).toBe("host [::1]:8080 → this device db-3:5432");
  expect(forwardWords({ ...SPEC, kind: "dynamic", port: 1080 })).toBe("SOCKS 127.0.0.1:1080");
});

const check = (change: Partial<contract.ForwardSpec>, wrong: (keyof ForwardFaults)[], others: contract.ForwardSpec[] = []) =>
  expect(Object.keys(forwardFaults({ ...SPEC, ...change }, others)), JSON.stringify(change)).toEqual(wrong);

test("what is wrong is said at its field", () => {
  check({}, []);
  check({ bind: " " }, ["bind"]);
  check({ bind: "127.0.0.1:80" }, ["bind"]);
  check({ bind: "[::1]:80" }, ["bind"]);
  check({ bind: "::1" }, []);
  check({ port: 70_000 }, ["port"]);
  check({ to_host: "", to_port: null }, ["to_host", "to_port"]);
  check({ to_host: "http://db-3" }, ["to_host"]);
  check({ to_host: "db-3:5432" }, ["to_host"]);
  check({ kind: "dynamic", to_host: null, to_port: null }, []);
});

test("two forwards of a host cannot listen in one place", () => {
  const other = { ...SPEC, id: "2", port: 8080, label: "the web" };
  check({ port: 8080 }, ["port"], [other]);
  check({ port: 8080, bind: "*" }, ["port"], [other]);
  check({ port: 8080, kind: "dynamic" }, ["port"], [other]);
  // The host listens for this one.
  check({ port: 8080, kind: "remote" }, [], [other]);
  check({ port: 8080, bind: "127.0.0.2" }, [], [other]);
  check({ port: 0 }, [], [{ ...other, port: 0 }]);
  check({ port: 8080 }, [], [{ ...other, id: SPEC.id }]);
});

test("what is kept has no blanks around it, and a proxy leads nowhere by itself", () => {
  expect(tidyForward({ ...SPEC, bind: " ::1 ", to_host: " db-3 ", label: " db " })).toEqual({ ...SPEC, bind: "::1", label: "db" });
  expect(tidyForward({ ...SPEC, kind: "dynamic" })).toMatchObject({ to_host: null, to_port: null });
});

test("an address of the machine itself is for the machine itself", () => {
  expect(["127.0.0.1", "127.0.0.53", "localhost", "::1"].map(isOwnOnly)).toEqual([true, true, true, true]);
  expect(["*", "0.0.0.0", "192.168.1.7", "::"].map(isOwnOnly)).toEqual([false, false, false, false]);
});
