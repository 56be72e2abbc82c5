// The fields of each form in the card of a connection that failed.
import type { contract } from "@luumen/backend";
import { NumberInput, Radio, Select, TextInput } from "@mantine/core";

import { useCall } from "../desk/context";
import type { Faults } from "../hosts/drafts";
import { LABELS } from "../hosts/effective";
import { PathInput } from "../hosts/PathInput";
import { WayFields } from "../hosts/SettingFields";
import type { SignIn } from "./mend";
import type { Mending } from "./repairs";

interface Props {
  kind: Mending;
  id: contract.Id | null;
  all: contract.HostsTree;
  draft: contract.HostDraft;
  onChange: (change: Partial<contract.HostDraft>) => void;
  signIn: SignIn;
  onSignIn: (signIn: SignIn) => void;
  /** What holds where a kept host says nothing itself. */
  effective: contract.Effective | null;
  faults: Faults;
  /** The way to sign in is not said yet. */
  unfit: boolean;
}

export function MendFields(props: Props) {
  switch (props.kind) {
    case "place":
      return <Place {...props} />;
    case "sign_in":
      return <SignInFields {...props} />;
    case "time":
      return <Time {...props} />;
    case "way":
    case "proxy":
      return <Way {...props} />;
    case "unlock":
      return null;
  }
}

function Place(props: Props) {
  const { draft, onChange, faults } = props;
  return (
    <>
      <TextInput
        size="xs"
        label="Address"
        spellCheck={false}
        autoComplete="off"
        error={faults.address}
        value={draft.address}
        onChange={(event) => onChange({ address: event.currentTarget.value })}
      />
      <div className="two">
        <Numeric {...props} name="port" label={LABELS.port} max={65_535} usual={22} />
        <User {...props} />
      </div>
    </>
  );
}

function User({ draft, onChange, effective }: Props) {
  return (
    <TextInput
      size="xs"
      label={LABELS.user}
      placeholder={effective?.user.value ?? "your account on this device"}
      spellCheck={false}
      autoComplete="off"
      value={draft.settings.user ?? ""}
      onChange={(event) => onChange({ settings: { ...draft.settings, user: event.currentTarget.value.trim() || null } })}
    />
  );
}

function Numeric({ draft, onChange, effective, name, label, max, usual }: Props & { name: "port" | "connect_timeout_s"; label: string; max: number; usual: number }) {
  return (
    <NumberInput
      size="xs"
      label={label}
      placeholder={String(effective?.[name].value ?? usual)}
      min={1}
      max={max}
      clampBehavior="strict"
      allowDecimal={false}
      allowNegative={false}
      hideControls
      value={draft.settings[name] ?? ""}
      onChange={(value) => onChange({ settings: { ...draft.settings, [name]: typeof value === "number" ? value : null } })}
    />
  );
}

function Time(props: Props) {
  return <Numeric {...props} name="connect_timeout_s" label={`${LABELS.connect_timeout_s} (seconds)`} max={600} usual={15} />;
}

function Way({ id, all, draft, onChange, effective, faults }: Props) {
  const credentials = useCall("credentials_list", {}).data ?? [];
  return (
    <WayFields
      self={id}
      ctx={{
        settings: draft.settings,
        onChange: (change) => onChange({ settings: { ...draft.settings, ...change } }),
        group: draft.group,
        groups: all.groups,
        hosts: all.hosts,
        credentials,
        effective,
        faults: faults.proxy ? { proxy: faults.proxy } : {},
      }}
    />
  );
}

const WAYS = [
  { value: "password", label: "A password, which is asked for" },
  { value: "file", label: "A key in a file" },
  { value: "agent", label: "The keys of ssh-agent" },
];
const KEPT = { value: "kept", label: "A credential" };

function SignInFields(props: Props) {
  const { signIn, onSignIn, unfit } = props;
  const credentials = useCall("credentials_list", {}).data ?? [];
  const choose = (by: string) => {
    if (by === "password" || by === "agent") return onSignIn({ by });
    onSignIn(by === "file" ? { by, path: "" } : { by: "kept", credential: credentials[0]?.id ?? "" });
  };
  return (
    <>
      <Radio.Group size="xs" label="Sign in with" value={signIn.by} onChange={choose}>
        <div className="mend-ways">
          {[...WAYS, ...(credentials.length > 0 ? [KEPT] : [])].map(({ value, label }) => (
            <Radio key={value} size="xs" value={value} label={label} />
          ))}
        </div>
      </Radio.Group>
      {signIn.by === "file" && (
        <PathInput label="File of the key" kind="open" suggested="~/.ssh/id_ed25519" value={signIn.path} onChange={(path) => onSignIn({ by: "file", path })} />
      )}
      {signIn.by === "kept" && (
        <Select
          size="xs"
          label="Which credential"
          allowDeselect={false}
          comboboxProps={{ transitionProps: { duration: 0 } }}
          data={credentials.map(({ id: value, name: label }) => ({ value, label }))}
          value={signIn.credential}
          onChange={(credential) => credential !== null && onSignIn({ by: "kept", credential })}
        />
      )}
      {unfit && (
        <p className="trouble" data-tone="failed">
          Say where the key is
        </p>
      )}
      <User {...props} />
    </>
  );
}
