import { beforeEach, expect, test, vi } from "vitest";

const sent: string[] = [];
let held: string[] = [];

// The client is made for the address of the page, and keeps the way to fetch that it finds.
vi.stubGlobal("location", { origin: "http://luumen.test" });
vi.stubGlobal("fetch", async (request: Request) => {
  sent.push([request.method, new URL(request.url).pathname, await request.text()].join(" ").trim());
  return Response.json({ summary: { tags: held } });
});
const { addTags } = await import("./queries");

beforeEach(() => {
  sent.length = 0;
});

test("tags are added to those that the host has now", async () => {
  held = ["web", "new"];
  await addTags("h-1", ["old", "web"]);
  expect(sent).toEqual(["GET /api/v1/hosts/h-1", 'PATCH /api/v1/hosts/h-1 {"tags":["web","new","old"]}']);
});

test("a host that has them already is left alone", async () => {
  held = ["web"];
  await addTags("h-1", ["web"]);
  expect(sent).toEqual(["GET /api/v1/hosts/h-1"]);
});
