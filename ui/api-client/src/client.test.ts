import { afterEach, beforeEach, expect, test, vi } from "vitest";

const sent: Request[] = [];
let answer: () => Response;

// The client is made for the address of the page, and this page has none.
vi.stubGlobal("location", { origin: "http://luumen.test" });
const { api, onOtherWorkspace, onSignedOut, showWorkspace } = await import("./client");

const fetched = (request: Request) => {
  sent.push(request);
  return Promise.resolve(answer());
};
const problem = (status: number, code: string) => () =>
  new Response(JSON.stringify({ type: "x", title: "no", status, code }), { status, headers: { "content-type": "application/problem+json" } });
const named = () => sent.at(-1)?.headers.get("x-luumen-workspace") ?? null;

beforeEach(() => {
  answer = () => new Response("{}", { headers: { "content-type": "application/json" } });
});

afterEach(() => {
  sent.length = 0;
  showWorkspace(null);
});

test("every request says which workspace the page shows, once it is known", async () => {
  await api.GET("/session", { fetch: fetched });
  expect(named()).toBeNull();
  showWorkspace("w-1");
  await api.GET("/session", { fetch: fetched });
  expect(named()).toBe("w-1");
  await api.DELETE("/hosts/{id}", { params: { path: { id: "h" } }, fetch: fetched });
  expect(named()).toBe("w-1");
});

test("who leaves or switches may do so from any workspace", async () => {
  showWorkspace("w-1");
  await api.DELETE("/session", { fetch: fetched });
  expect(named()).toBeNull();
  await api.PUT("/session/workspace", { body: { workspace_id: "w-2" }, fetch: fetched });
  expect(named()).toBeNull();
});

test("whoever listens is told why the server refused", async () => {
  const told: string[] = [];
  const ends = [onOtherWorkspace(() => told.push("other")), onSignedOut(() => told.push("out"))];
  for (const refusal of [problem(409, "LUM-API-OTHER-WORKSPACE"), problem(401, "LUM-API-UNAUTHENTICATED"), problem(409, "LUM-API-CONFLICT")]) {
    answer = refusal;
    await expect(api.GET("/session", { fetch: fetched })).rejects.toThrow();
  }
  expect(told).toEqual(["other", "out"]);
  for (const end of ends) end();
});
