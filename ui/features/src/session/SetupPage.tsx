// The first account of a new server, made with the one-time link that it printed.
import { ApiError, type SessionInfo } from "@luumen/api-client";
import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { Link } from "@luumen/kit";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { DoorFrame } from "./DoorFrame";
import { FormFailure } from "./FormFailure";
import { setUp, useEnter } from "./queries";

export function SetupPage({ token, onEntered }: { token: string; onEntered: (session: SessionInfo) => void }) {
  const enter = useEnter();
  const [form, setForm] = useState({ name: "", email: "", password: "", workspace: "" });
  const attempt = useMutation({
    mutationFn: () => setUp(token, form),
    onSuccess: (session) => {
      enter(session);
      onEntered(session);
    },
  });
  const faults = attempt.error instanceof ApiError ? attempt.error.fields : {};
  const field = (name: keyof typeof form) => ({
    value: form[name],
    error: faults[name],
    required: true,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setForm((before) => ({ ...before, [name]: value }));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };

  if (!token) {
    return (
      <DoorFrame title="The link is not complete">
        <p className="secondary">
          Copy the whole link that the server printed when it started, with everything behind the #. Already set up?{" "}
          <Link href="/sign-in">Sign in</Link>
        </p>
      </DoorFrame>
    );
  }
  return (
    <DoorFrame title="Set up Luumen">
      <p className="secondary">This makes the first account and the first workspace of this server.</p>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput label="Your name" autoComplete="name" autoFocus {...field("name")} />
          <TextInput label="E-mail" type="email" autoComplete="username" {...field("email")} />
          <PasswordInput
            label="Password"
            description="At least 12 characters"
            autoComplete="new-password"
            minLength={12}
            {...field("password")}
          />
          <TextInput label="Workspace" description="A name for your fleet" {...field("workspace")} />
          <FormFailure error={attempt.error} />
          <Button type="submit" loading={attempt.isPending}>
            Set up
          </Button>
        </Stack>
      </form>
    </DoorFrame>
  );
}
