import { beforeEach, expect, test, vi } from "vitest";

const asked: string[] = [];
let refused: string[] = [];

// The client is made for the address of the page, and keeps the way to fetch that it finds.
vi.stubGlobal("location", { origin: "http://luumen.test" });
vi.stubGlobal("fetch", ({ url }: Request) => {
  const path = new URL(url).pathname.replace("/api/v1/", "");
  asked.push(path);
  return Promise.resolve(refused.includes(path) ? new Response("", { status: 503 }) : Response.json({ items: [], total: 0 }));
});
const { lookUp } = await import("./look");

const notes = async (typed: string) => (await lookUp(typed, () => undefined)).flatMap(({ note }) => note ?? []);

beforeEach(() => {
  asked.length = 0;
  refused = [];
});

test("hosts, vulnerabilities and packages are asked for", async () => {
  expect(await notes("ssl")).toEqual([]);
  expect(asked).toEqual(["hosts", "vulnerabilities", "packages"]);
});

test("what could not be looked up is named, with why", async () => {
  refused = ["packages"];
  expect(await notes("ssl")).toEqual(["Could not look up packages: The server answered 503 without saying why"]);
  refused = ["hosts", "vulnerabilities", "packages"];
  expect(await notes("ssl")).toEqual(["Could not look up hosts, vulnerabilities and packages: The server answered 503 without saying why"]);
});
