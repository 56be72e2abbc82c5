// The fields of an exception: what it covers, why, who answers for it, and until when.
import { api, ApiError, dataOf, type ExceptionKind } from "@luumen/api-client";
import { StateMark } from "@luumen/kit";
import { Button, Group, Input, SegmentedControl, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { FormFailure } from "../../session";
import { EXCEPTION_KINDS } from "../words";
import { missing, type ExceptionFields, type Scope } from "./fields";

const KINDS = Object.entries(EXCEPTION_KINDS).map(([value, { word }]) => ({ value, label: word }));
const HOSTS_SHOWN = 20;

export function ExceptionForm({
  initial,
  action,
  about,
  decided = false,
  progress,
  onSave,
  onSaved,
  onCancel,
}: {
  initial: ExceptionFields;
  action: string;
  /** Which findings it covers, when that is decided already; without it a person names them. */
  about?: string;
  /** The hosts are decided too. */
  decided?: boolean;
  /** How far saving is, when it takes long. */
  progress?: string | null;
  /** Called with what the form began with too: what it is made of may be loaded anew while a person writes. */
  onSave: (fields: ExceptionFields, before: ExceptionFields) => Promise<unknown>;
  onSaved: () => void;
  onCancel: () => void;
}) {
  const [before] = useState(initial);
  const [fields, setFields] = useState(before);
  const [told, setTold] = useState<string | null>(null);
  const set = (part: Partial<ExceptionFields>) => setFields((held) => ({ ...held, ...part }));
  const save = useMutation({ mutationFn: (written: ExceptionFields) => onSave(written, before), onSuccess: onSaved });
  const faults = save.error instanceof ApiError ? save.error.fields : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const lacks = missing(fields, new Date(), before);
    setTold(lacks);
    if (!lacks) save.mutate(fields);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {about ? <p className="secondary">{about}</p> : <What fields={fields} set={set} faults={faults} />}
        {!decided && <WhichHosts fields={fields} set={set} faults={faults} />}
        <Select
          label="Why it is accepted"
          description={EXCEPTION_KINDS[fields.kind].title}
          allowDeselect={false}
          data={KINDS}
          value={fields.kind}
          onChange={(kind) => set({ kind: (kind ?? "risk_accepted") as ExceptionKind })}
        />
        <Textarea
          label="Reason"
          description="For whoever reads it in a year"
          required
          autosize
          minRows={2}
          maxRows={8}
          value={fields.reason}
          error={faults["reason"]}
          onChange={(event) => set({ reason: event.currentTarget.value })}
        />
        <Group grow align="flex-start" gap="md">
          <TextInput label="Owner" description="Who answers for it" value={fields.owner} error={faults["owner"]} onChange={(event) => set({ owner: event.currentTarget.value })} />
          <TextInput label="Ticket" description="SEC-123 or an address" value={fields.ticket} error={faults["ticket"]} onChange={(event) => set({ ticket: event.currentTarget.value })} />
        </Group>
        <TextInput
          type="date"
          label="Last day"
          description="Then it counts as open again, by itself. Empty: it never expires"
          value={fields.expires}
          error={faults["expires_at"]}
          onChange={(event) => set({ expires: event.currentTarget.value })}
        />
        {told && (
          <p role="alert" className="form-failure">
            {told}.
          </p>
        )}
        <FormFailure error={save.error} />
        {progress && (
          <div role="status">
            <StateMark tone="running" word={progress} />
          </div>
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface Part {
  fields: ExceptionFields;
  set: (part: Partial<ExceptionFields>) => void;
  faults: Record<string, string>;
}

function What({ fields, set, faults }: Part) {
  return (
    <Group grow align="flex-start" gap="md">
        <TextInput
          label="Vulnerability"
          description="Its exact id. Empty: all of the package"
          placeholder="CVE-2024-6387"
          data-autofocus
          value={fields.vulnerability}
          error={faults["vulnerability"]}
          onChange={(event) => set({ vulnerability: event.currentTarget.value })}
        />
        <TextInput
          label="Package"
          description="Its source package. Empty: every package"
          placeholder="openssh"
          value={fields.package}
          error={faults["package"]}
          onChange={(event) => set({ package: event.currentTarget.value })}
        />
    </Group>
  );
}

/** All hosts, those with a tag, or one. */
function WhichHosts({ fields, set, faults }: Part) {
  return (
    <Stack gap="xs">
      <Input.Label component="div">Hosts</Input.Label>
      <SegmentedControl
        size="xs"
        aria-label="Hosts"
        value={fields.scope}
        onChange={(scope) => set({ scope: scope as Scope })}
        data={[
          { value: "all", label: "All hosts" },
          { value: "tag", label: "Hosts with a tag" },
          { value: "host", label: "One host" },
        ]}
      />
      {fields.scope === "tag" && (
        <TextInput label="Tag" value={fields.tag} error={faults["tag"]} onChange={(event) => set({ tag: event.currentTarget.value })} />
      )}
      {fields.scope === "host" && <HostChoice value={fields.host} onChange={(host) => set({ host })} error={faults["host"]} />}
    </Stack>
  );
}

function HostChoice({ value, onChange, error }: { value: string | null; onChange: (id: string | null) => void; error: string | undefined }) {
  const [typed, setTyped] = useState("");
  const hosts = useQuery({
    queryKey: ["hosts", "choice", typed],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/hosts", { params: { query: { ...(typed && { q: typed }), limit: HOSTS_SHOWN } }, signal })),
    placeholderData: (before) => before,
  });
  return (
    <Select
      label="Host"
      searchable
      nothingFoundMessage={hosts.isError ? "Hosts could not be looked up" : "No host is called that"}
      data={(hosts.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      filter={({ options }) => options}
      value={value}
      onChange={onChange}
      onSearchChange={setTyped}
      error={error}
    />
  );
}
