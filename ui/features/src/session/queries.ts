// Who is signed in, and the ways in and out.
import { api, ApiError, dataOf, showWorkspace, type Permission, type SessionInfo } from "@luumen/api-client";
import { queryOptions, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useRef } from "react";

import { tellOtherWindows } from "./workspace";

/** The person signed in, or nothing. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: 60_000,
  queryFn: async (): Promise<SessionInfo | null> => {
    try {
      const session = await dataOf(api.GET("/session"));
      showWorkspace(session.workspace_id);
      return session;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error;
      showWorkspace(null);
      return null;
    }
  },
});

/** Whether the first admin is still to be made. */
export const setupQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: () => dataOf(api.GET("/setup")),
});

export function signIn(email: string, password: string): Promise<SessionInfo> {
  return dataOf(api.POST("/session", { body: { email, password } }));
}

export function signInWithLink(token: string): Promise<SessionInfo> {
  return dataOf(api.POST("/session/link", { body: { token } }));
}

export interface FirstAdmin {
  name: string;
  email: string;
  password: string;
  workspace: string;
}

export function setUp(token: string, first: FirstAdmin): Promise<SessionInfo> {
  return dataOf(api.POST("/setup", { body: { token, ...first } }));
}

export async function signOut(): Promise<void> {
  await api.DELETE("/session");
  showWorkspace(null);
}

export async function changePassword(current: string | null, next: string): Promise<void> {
  await api.POST("/session/password", { body: { current_password: current, new_password: next } });
}

/** The session on pages that only a person who is signed in can see. */
export function useSession(): SessionInfo {
  const { data } = useSuspenseQuery(sessionQuery);
  // A page may draw once more between the session's end and its leaving the screen.
  const last = useRef(data);
  if (data) last.current = data;
  if (!last.current) throw new ApiError(401, null, undefined);
  return last.current;
}

/** Whether somebody is signed in, for the frame that must not draw a page when nobody is. */
export function useSignedIn(): boolean {
  return useSuspenseQuery(sessionQuery).data !== null;
}

/** Whether the person signed in may do something. */
export function useMay(permission: Permission): boolean {
  return useSession().permissions.includes(permission);
}

/** Makes a new session known, and forgets what the one before had loaded. */
export function useEnter(): (session: SessionInfo) => void {
  const client = useQueryClient();
  return (session) => {
    showWorkspace(session.workspace_id);
    tellOtherWindows(session.workspace_id);
    client.clear();
    client.setQueryData(sessionQuery.queryKey, session);
  };
}
