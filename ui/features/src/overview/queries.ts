// What needs a person today.
import { api, dataOf } from "@luumen/api-client";
import { queryOptions } from "@tanstack/react-query";

export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: ({ signal }) => dataOf(api.GET("/overview", { signal })),
  refetchInterval: 30_000,
});
