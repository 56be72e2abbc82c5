import type { contract } from "@luumen/backend";
import { describe, expect, test } from "vitest";

import { goesStraight, hostFaults, jumpOf, NEW_HOST, NOTHING_SET } from "./drafts";
import { originWords, valueWords } from "./effective";
import { environmentOf, groupPath, hostsBetween, hostsInside, inherited, lendingIn, lendingWithout, possibleParents, tagsOf, treeRows } from "./rows";

const group = (id: string, parent: string | null = null, settings: Partial<contract.Settings> = {}): contract.Group => ({
  id,
  parent,
  name: id,
  settings: { ...NOTHING_SET, ...settings },
});
const host = (id: string, inside: string | null = null, more: Partial<contract.Host> = {}): contract.Host => ({
  ...NEW_HOST,
  id,
  name: id,
  address: `${id}.example.net`,
  group: inside,
  last_connected_at: null,
  os: null,
  last_scan_at: null,
  ...more,
});

const GROUPS = [group("db", null, { environment: "production", user: "root" }), group("berlin", "db", { user: "ada" }), group("web")];
const HOSTS = [host("db-10", "berlin"), host("db-9", "berlin", { tags: ["postgres"] }), host("www", "web"), host("lab")];

const told = (found: string[] | null = null, closed: string[] = []) =>
  treeRows(GROUPS, found ? HOSTS.filter(({ id }) => found.includes(id)) : HOSTS, new Set(closed), found !== null).map((row) => `${"  ".repeat(row.depth)}${row.kind === "group" ? `${row.id}/${row.count}` : row.id}`);

describe("the tree", () => {
  test("has groups first, and numbers in the order of their value", () => {
    expect(told()).toEqual(["db/2", "  berlin/2", "    db-9", "    db-10", "web/1", "  www", "lab"]);
  });
  test("a closed group says how many hosts it holds", () => {
    expect(told(null, ["db"])).toEqual(["db/2", "web/1", "  www", "lab"]);
  });
  test("a search opens what it finds, and hides the rest", () => {
    expect(told(["db-9"], ["db"])).toEqual(["db/1", "  berlin/1", "    db-9"]);
    expect(told([])).toEqual([]);
  });
  test("a host whose group is gone is not lost", () => {
    expect(treeRows([], [host("a", "gone")], new Set()).map(({ id }) => id)).toEqual(["a"]);
  });
  test("groups that hold each other are shown once, or not at all, and never for ever", () => {
    expect(treeRows([group("a", "b"), group("b", "a")], [], new Set()).length).toBeLessThanOrEqual(2);
    expect(groupPath("a", [group("a", "b"), group("b", "a")])).toBe("b / a");
  });
});

test("a setting comes from the nearest group that has it", () => {
  expect(inherited("user", "berlin", GROUPS)).toEqual({ value: "ada", from: { group: "berlin", name: "berlin" } });
  expect(inherited("environment", "berlin", GROUPS)?.from.name).toBe("db");
  expect(inherited("port", "berlin", GROUPS)).toBeNull();
  expect(environmentOf(HOSTS[0] as contract.Host, GROUPS)).toBe("production");
  expect(environmentOf(host("x", "berlin", { settings: { ...NOTHING_SET, environment: "none" } }), GROUPS)).toBe("none");
});

test("a range of rows takes the hosts in it", () => {
  expect(hostsBetween(treeRows(GROUPS, HOSTS, new Set()), "www", "db-9")).toEqual(["db-9", "db-10", "www"]);
});

test("tags come by how common they are", () => {
  expect(tagsOf([host("a", null, { tags: ["x", "y"] }), host("b", null, { tags: ["y"] })])).toEqual(["y", "x"]);
});

test("a group holds the hosts of the groups inside of it, whether they are shown or not", () => {
  expect(hostsInside("db", GROUPS, HOSTS).map(({ id }) => id)).toEqual(["db-10", "db-9"]);
  expect(hostsInside("web", GROUPS, HOSTS).map(({ id }) => id)).toEqual(["www"]);
});

test("a group is never put into itself", () => {
  expect(possibleParents("db", GROUPS).map(({ id }) => id)).toEqual(["web"]);
});

describe("a host as it is typed", () => {
  test.each([
    [{ name: "a", address: "10.0.0.1" }, []],
    [{ name: " ", address: "" }, ["name", "address"]],
    [{ name: "a", address: "ssh://a" }, ["address"]],
    [{ name: "a", address: "a", settings: { ...NOTHING_SET, proxy: "socks5://p" } }, ["proxy"]],
    [{ name: "a", address: "fe80::1", settings: { ...NOTHING_SET, proxy: "http://p:3128" } }, []],
  ])("%j", (draft, fields) => {
    expect(Object.keys(hostFaults({ ...NEW_HOST, ...draft }))).toEqual(fields);
  });
});

test("what lets into a proxy comes with the nearest proxy", () => {
  const groups = [group("office", null, { proxy: "http://p:1", proxy_credential: "c" }), group("floor", "office"), group("lab", "office", { proxy: "http://q:1" })];
  expect(inherited("proxy_credential", "floor", groups)?.from.name).toBe("office");
  expect(inherited("proxy_credential", "lab", groups)).toBeNull();
});

describe("a proxy as it is typed", () => {
  test("a password in it is told where it goes", () => expect(fault("http://ann:sesame@p:3128")).toMatch(/proxy credential/));
  const fault = (proxy: string) => hostFaults({ ...NEW_HOST, name: "a", address: "a", settings: { ...NOTHING_SET, proxy } }).proxy;
  test.each(["none", "socks5://p:1080", "http://10.0.0.1:3128", "socks5://[::1]:1080", "http://[2001:db8::1]:8080", "socks5://ann@p:1080", "http://ann@corp@p:3128"])("%s is one", (proxy) => expect(fault(proxy)).toBeUndefined());
  test.each(["socks4://p:1", "socks5://p", "socks5://ann:sesame@p:1080", "socks5://@p:1080", "socks5://::1:1080", "socks5://[::1]", "http://p:0", "http://p:70000", "http://-p:1", "nothing"])("%s is none", (proxy) =>
    expect(fault(proxy)).toBeDefined(),
  );
});

test("no jump host is what is inherited, and going straight is a choice of its own", () => {
  expect(jumpOf(["1"], true)).toEqual(["1"]);
  expect(jumpOf([], false)).toBeNull();
  expect(jumpOf([], true)).toEqual([]);
  expect([null, [], ["1"]].map(goesStraight)).toEqual([false, true, false]);
});

test("settings are said in words, with where they come from", () => {
  expect(valueWords("jump", ["1", "2"], new Map([["1", "bastion"]]))).toBe("bastion → a host that is gone");
  expect(valueWords("keepalive_s", 0)).toBe("never");
  expect(valueWords("compression", true)).toBe("on");
  expect(valueWords("credential", null)).toBe("asks, or the agent");
  expect(originWords({ group: "1", name: "Databases" })).toBe("from Databases");
});

describe("a group that turns agent forwarding off", () => {
  const around = group("around", null, { agent_forwarding: true });
  const off = group("off", "around", { agent_forwarding: false });
  const own = (value: boolean | null) => ({ settings: { ...NOTHING_SET, agent_forwarding: value } });
  const hosts = [host("direct", "off"), host("deep", "inside"), host("says-off", "off", own(false)), host("says-on", "off", own(true)), host("apart", "off-again"), host("beside", "around")];
  const groups = [around, off, group("inside", "off"), group("off-again", "off", { agent_forwarding: false })];
  const names = (of: contract.Group, all = groups) => lendingWithout(of, all, hosts).map(({ id }) => id);

  test("is all that keeps the hosts without a word of their own from lending it", () => {
    expect(names(off)).toEqual(["direct", "deep"]);
  });
  test("changes nothing where nothing around it lends", () => {
    expect(names(off, [group("around"), ...groups.slice(1)])).toEqual([]);
    expect(names(group("off", null, { agent_forwarding: false }), groups)).toEqual([]);
  });
  test("is left by a host that is moved to where it is lent, and that is known before", () => {
    const moved = (to: string | null) => lendingIn(to, groups, hosts).map(({ id }) => id);
    expect(moved("around")).toEqual(["direct", "deep", "apart"]);
    expect(moved("off")).toEqual([]);
    expect(moved(null)).toEqual([]);
  });
  test("matters only if it says so itself", () => {
    expect(names(around)).toEqual([]);
    expect(names(groups[2] as contract.Group)).toEqual([]);
  });
});
