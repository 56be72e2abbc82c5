// Sign in with e-mail and password; says what to do while there is no account yet.
import type { SessionInfo } from "@luumen/api-client";
import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { DoorFrame } from "./DoorFrame";
import { FormFailure } from "./FormFailure";
import { setupQuery, signIn, useEnter } from "./queries";

export function SignInPage({ onEntered, notice }: { onEntered: (session: SessionInfo) => void; notice?: string }) {
  const enter = useEnter();
  const setup = useQuery(setupQuery);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const attempt = useMutation({
    mutationFn: () => signIn(email, password),
    onSuccess: (session) => {
      enter(session);
      onEntered(session);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };

  if (setup.data?.needed) {
    return (
      <DoorFrame title="This server is new">
        <p className="secondary">
          Nobody has an account yet. The server printed a one-time link when it started; open it to make the first
          account. It looks like <code>{window.location.origin}/setup#…</code>
        </p>
      </DoorFrame>
    );
  }
  return (
    <DoorFrame title="Sign in">
      {notice && (
        <p className="secondary" role="status">
          {notice}
        </p>
      )}
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <FormFailure error={attempt.error} />
          <Button type="submit" loading={attempt.isPending}>
            Sign in
          </Button>
        </Stack>
      </form>
    </DoorFrame>
  );
}
