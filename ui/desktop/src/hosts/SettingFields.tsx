// The settings of a host or a group: each field shows what would hold without it, and where that comes from.
import type { contract } from "@luumen/backend";
import { Checkbox, MultiSelect, NumberInput, Select, TextInput } from "@mantine/core";
import { useCallback, type ReactNode } from "react";

import { goesStraight, jumpOf } from "./drafts";
import { ENVIRONMENTS, LABELS, originWords, valueWords } from "./effective";
import { inherited } from "./rows";

type Key = keyof contract.Settings;

export interface SettingsContext {
  settings: contract.Settings;
  onChange: (change: Partial<contract.Settings>) => void;
  /** The group around it. */
  group: contract.Id | null;
  groups: readonly contract.Group[];
  hosts: readonly contract.Host[];
  credentials: readonly contract.Credential[];
  /** What the workbench says is in force, where the host is stored. */
  effective: contract.Effective | null;
  faults: Partial<Record<Key, string>>;
}

/** What holds while a field is empty. */
export function useInherited({ settings, group, groups, hosts, credentials, effective }: SettingsContext) {
  return useCallback(
    (key: Key): { words: string; from: string } => {
      const names = new Map([...credentials, ...hosts].map(({ id, name }) => [id, name]));
      // A password that a group keeps for its proxy does not go to another one.
      const apart = key === "proxy_credential" && settings.proxy !== null;
      const above = apart ? null : inherited(key, group, groups);
      if (apart) return { words: valueWords(key, null), from: "usual" };
      if (above) return { words: valueWords(key, above.value as never, names), from: originWords(above.from) };
      const told = effective?.[key];
      if (told && told.from === "default") return { words: valueWords(key, told.value, names), from: "usual" };
      return { words: "the usual", from: "usual" };
    },
    [settings.proxy, group, groups, hosts, credentials, effective],
  );
}

function Field({ ctx, name, children }: { ctx: SettingsContext; name: Key; children: (props: { label: string; description: string; inheritedWords: string }) => ReactNode }) {
  const inheritedOf = useInherited(ctx);
  const { words, from } = inheritedOf(name);
  const own = ctx.settings[name] !== null;
  const description = own ? `Set here; otherwise ${words}${from === "usual" ? "" : `, ${from}`}` : from === "usual" ? "The usual" : `Inherited ${from}`;
  return <>{children({ label: LABELS[name], description, inheritedWords: words })}</>;
}

function Text({ ctx, name }: { ctx: SettingsContext; name: "user" | "proxy" | "terminal" }) {
  return (
    <Field ctx={ctx} name={name}>
      {({ label, description, inheritedWords }) => (
        <TextInput
          size="xs"
          label={label}
          description={name === "proxy" ? `${description}. user@ may stand before the host; none goes without` : description}
          placeholder={inheritedWords}
          spellCheck={false}
          autoComplete="off"
          error={ctx.faults[name]}
          value={ctx.settings[name] ?? ""}
          onChange={(event) => ctx.onChange({ [name]: event.currentTarget.value.trim() || null })}
        />
      )}
    </Field>
  );
}

function Numeric({ ctx, name, max }: { ctx: SettingsContext; name: "port" | "keepalive_s" | "connect_timeout_s"; max: number }) {
  return (
    <Field ctx={ctx} name={name}>
      {({ label, description, inheritedWords }) => (
        <NumberInput
          size="xs"
          label={name === "port" ? label : `${label} (seconds)`}
          description={description}
          placeholder={inheritedWords}
          min={name === "keepalive_s" ? 0 : 1}
          max={max}
          allowDecimal={false}
          hideControls
          value={ctx.settings[name] ?? ""}
          onChange={(value) => ctx.onChange({ [name]: typeof value === "number" ? value : null })}
        />
      )}
    </Field>
  );
}

function Choice({ ctx, name, options }: { ctx: SettingsContext; name: Key; options: { value: string; label: string }[] }) {
  const value = ctx.settings[name];
  const onChange = (next: string | null) => {
    const typed = typeof ctx.settings[name] === "boolean" || name === "compression" || name === "agent_forwarding" ? next && next === "true" : next;
    ctx.onChange({ [name]: next === null ? null : typed });
  };
  return (
    <Field ctx={ctx} name={name}>
      {({ label, description, inheritedWords }) => (
        <Select
          size="xs"
          label={label}
          description={description}
          placeholder={inheritedWords}
          clearable
          searchable={options.length > 8}
          comboboxProps={{ transitionProps: { duration: 0 } }}
          data={options}
          value={value === null ? null : String(value)}
          onChange={onChange}
        />
      )}
    </Field>
  );
}

const ON_OFF = [
  { value: "true", label: "On" },
  { value: "false", label: "Off" },
];

export function SignInFields({ ctx }: { ctx: SettingsContext }) {
  return (
    <>
      <div className="two">
        <Text ctx={ctx} name="user" />
        <Numeric ctx={ctx} name="port" max={65_535} />
      </div>
      <Choice ctx={ctx} name="credential" options={ctx.credentials.map(({ id, name }) => ({ value: id, label: name }))} />
    </>
  );
}

export function EnvironmentField({ ctx }: { ctx: SettingsContext }) {
  return <Choice ctx={ctx} name="environment" options={Object.entries(ENVIRONMENTS).map(([value, label]) => ({ value, label }))} />;
}

/** A proxy knows nothing of keys. */
function hasPassword({ kind }: contract.Credential): boolean {
  return kind === "password" || kind === "ask";
}

export function WayFields({ ctx, self }: { ctx: SettingsContext; self: contract.Id | null }) {
  const straight = goesStraight(ctx.settings.jump);
  return (
    <>
      <Field ctx={ctx} name="jump">
        {({ label, description, inheritedWords }) => (
          <MultiSelect
            size="xs"
            label={label}
            description={`${description}. In the order in which they are passed`}
            placeholder={straight ? "none: goes straight" : ctx.settings.jump ? undefined : inheritedWords}
            searchable
            clearable
            comboboxProps={{ transitionProps: { duration: 0 } }}
            data={ctx.hosts.filter(({ id }) => id !== self).map(({ id, name }) => ({ value: id, label: name }))}
            value={ctx.settings.jump ?? []}
            onChange={(hops) => ctx.onChange({ jump: jumpOf(hops, false) })}
          />
        )}
      </Field>
      <Checkbox
        size="xs"
        label="Goes straight, whatever is inherited"
        checked={straight}
        onChange={(event) => ctx.onChange({ jump: jumpOf([], event.currentTarget.checked) })}
      />
      <div className="two">
        <Text ctx={ctx} name="proxy" />
        <Choice ctx={ctx} name="proxy_credential" options={ctx.credentials.filter(hasPassword).map(({ id, name }) => ({ value: id, label: name }))} />
      </div>
    </>
  );
}

/** Says that the agent goes along, wherever that was set; the fields themselves may be folded away. */
export function AgentWarning({ ctx, of }: { ctx: SettingsContext; of: "host" | "group" }) {
  const own = ctx.settings.agent_forwarding;
  const above = own === null ? inherited("agent_forwarding", ctx.group, ctx.groups) : null;
  if (!(own ?? above?.value)) return null;
  return (
    <p className="trouble" data-tone="partial">
      Agent forwarding is on{above ? `, inherited from the group ${above.from.name}` : of === "group" ? " for every host in this group that does not turn it off" : ""}: whoever is root on{" "}
      {of === "group" ? "such a" : "the"} host can use your agent's keys for as long as you are connected.
    </p>
  );
}

export function MoreFields({ ctx }: { ctx: SettingsContext }) {
  return (
    <>
      <div className="two">
        <Choice ctx={ctx} name="host_key_policy" options={[{ value: "ask", label: "Ask" }, { value: "strict", label: "Refuse" }]} />
        <Choice
          ctx={ctx}
          name="log"
          options={[
            { value: "off", label: "Off" },
            { value: "metadata", label: "Metadata" },
            { value: "full", label: "Everything" },
          ]}
        />
      </div>
      <div className="two">
        <Numeric ctx={ctx} name="keepalive_s" max={3600} />
        <Numeric ctx={ctx} name="connect_timeout_s" max={600} />
      </div>
      <div className="two">
        <Choice ctx={ctx} name="compression" options={ON_OFF} />
        <Choice ctx={ctx} name="agent_forwarding" options={ON_OFF} />
      </div>
      <div className="two">
        <Choice
          ctx={ctx}
          name="sudo_tier"
          options={[
            { value: "none", label: "None: only what the account may read" },
            { value: "standard", label: "Standard" },
            { value: "extended", label: "Extended" },
          ]}
        />
        <Text ctx={ctx} name="terminal" />
      </div>
    </>
  );
}
