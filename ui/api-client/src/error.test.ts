import { describe, expect, test } from "vitest";

import { ApiError, readError } from "./error";

describe("reading an error", () => {
  test("a problem document says what happened and what to do", async () => {
    const body = {
      type: "https://luumen.ai/problems/LUM-API-INVALID",
      title: "Some fields are not valid",
      status: 422,
      code: "LUM-API-INVALID",
      next_step: "Correct them.",
      request_id: "r-1",
      errors: [{ field: "port", message: "must be at most 65535" }],
    };
    const error = await readError(new Response(JSON.stringify(body), { status: 422 }));
    expect(error.fields).toEqual({ port: "must be at most 65535" });
    expect(error.failure).toEqual({
      title: "Some fields are not valid",
      detail: undefined,
      nextStep: "Correct them.",
      code: "LUM-API-INVALID",
      requestId: "r-1",
    });
  });

  test("an answer from something between still has a code and the request's id", async () => {
    const answer = new Response("<html>", { status: 502, headers: { "x-request-id": "r-2" } });
    const error = await readError(answer);
    expect(error.code).toBe("LUM-WEB-ANSWER");
    expect(error.failure.requestId).toBe("r-2");
  });

  test("no answer is said plainly", () => {
    expect(new ApiError(0, null, undefined).failure.title).toBe("The server did not answer");
  });
});
