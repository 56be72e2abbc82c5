// The person signed in: name, password, and how the app looks in this browser.
import { ApiError } from "@luumen/api-client";
import { notifyDone, Pair, Panel, RelativeTime, useAppearance, type Density, type Scheme } from "@luumen/kit";
import { Button, Group, PasswordInput, SegmentedControl, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { changePassword, FormFailure, useSession } from "../session";

export function AccountTab() {
  const session = useSession();
  return (
    <div className="settings-columns">
      <Panel title="You">
        <dl>
          <Pair label="Name">{session.name}</Pair>
          <Pair label="E-mail">{session.email}</Pair>
          <Pair label="Signed in until">
            <RelativeTime at={session.expires_at} />
          </Pair>
        </dl>
      </Panel>
      <Panel title="Look" note="kept in this browser">
        <Look />
      </Panel>
      <Panel title="Password">
        <PasswordForm />
      </Panel>
    </div>
  );
}

function Look() {
  const { scheme, setScheme, density, setDensity } = useAppearance();
  return (
    <dl>
      <Pair label="Theme">
        <SegmentedControl
          size="xs"
          aria-label="Theme"
          value={scheme}
          onChange={(next) => setScheme(next as Scheme)}
          data={[
            { value: "auto", label: "As the system" },
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
          ]}
        />
      </Pair>
      <Pair label="Rows">
        <SegmentedControl
          size="xs"
          aria-label="Rows"
          value={density}
          onChange={(next) => setDensity(next as Density)}
          data={[
            { value: "compact", label: "Compact" },
            { value: "comfortable", label: "Comfortable" },
          ]}
        />
      </Pair>
    </dl>
  );
}

function PasswordForm() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useMutation({
    mutationFn: () => changePassword(current || null, next),
    onSuccess: () => {
      setCurrent("");
      setNext("");
      notifyDone("The password is changed");
    },
  });
  const faults = change.error instanceof ApiError ? change.error.fields : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form onSubmit={submit} className="narrow-form">
      <Stack gap="md">
        <PasswordInput
          label="Current password"
          description="Empty if you signed in with a one-time link"
          autoComplete="current-password"
          value={current}
          error={faults["current_password"]}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password"
          description="At least 12 characters"
          autoComplete="new-password"
          required
          minLength={12}
          value={next}
          error={faults["new_password"]}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <FormFailure error={change.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            Change the password
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
