// Settings of the workspace, and API keys.
import { api, dataOf, type ApiKeyScope, type UpdateWorkspace, type Workspace } from "@luumen/api-client";
import { queryOptions } from "@tanstack/react-query";

export const workspaceQuery = queryOptions({
  queryKey: ["workspace"],
  queryFn: ({ signal }) => dataOf(api.GET("/workspace", { signal })),
});

export function updateWorkspace(change: UpdateWorkspace): Promise<Workspace> {
  return dataOf(api.PATCH("/workspace", { body: change }));
}

export const apiKeysQuery = queryOptions({
  queryKey: ["api-keys"],
  queryFn: ({ signal }) => dataOf(api.GET("/api-keys", { signal })),
});

export function createApiKey(key: { name: string; scope: ApiKeyScope; expires_at: string | null }) {
  return dataOf(api.POST("/api-keys", { body: key }));
}

export function rotateApiKey(id: string, overlapSeconds: number) {
  return dataOf(api.POST("/api-keys/{id}/rotate", { params: { path: { id } }, body: { overlap_s: overlapSeconds } }));
}

export async function revokeApiKey(id: string): Promise<void> {
  await api.DELETE("/api-keys/{id}", { params: { path: { id } } });
}
