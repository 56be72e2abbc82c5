// A person's saved views, as the server keeps them.
import { api, dataOf, type View, type ViewPage } from "@luumen/api-client";
import { queryOptions } from "@tanstack/react-query";

export const viewsQuery = (page: ViewPage) =>
  queryOptions({
    queryKey: ["views", page],
    queryFn: ({ signal }) => dataOf(api.GET("/views", { params: { query: { page } }, signal })),
  });

export function saveView(view: Pick<View, "page" | "name" | "search">): Promise<View> {
  const { page, name, search } = view;
  return dataOf(api.POST("/views", { body: { page, name, search } }));
}

export function changeView(id: string, change: { name?: string; search?: string }): Promise<View> {
  return dataOf(api.PATCH("/views/{id}", { params: { path: { id } }, body: change }));
}

export async function deleteView(id: string): Promise<void> {
  await api.DELETE("/views/{id}", { params: { path: { id } } });
}
