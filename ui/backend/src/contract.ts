// Written by `cargo xtask generate` out of crates/luumen-workbench; do not edit.
// What the window may ask of the workbench, what it answers, and what it tells by itself.
import type { TypedSecret } from "./typed";

/** Every call: what it needs and what it answers. */
export interface Calls {
  about: { args: NoArgs; answer: About };
  catalogue_import: { args: ImportCatalogue; answer: CatalogueInfo | null };
  catalogue_status: { args: NoArgs; answer: CatalogueInfo | null };
  credential_delete: { args: ById; answer: null };
  credential_save: { args: SaveCredential; answer: Credential };
  credentials_list: { args: NoArgs; answer: Array<Credential> };
  edit_close: { args: OneEdit; answer: null };
  edit_open: { args: RemotePath; answer: Editing };
  edit_save: { args: SaveEdit; answer: null };
  edit_upload: { args: UploadEdit; answer: null };
  edits_list: { args: NoArgs; answer: Array<Editing> };
  export_hosts: { args: ExportHosts; answer: ExportDone };
  files_chmod: { args: ChangeMode; answer: null };
  files_close: { args: OneFiles; answer: null };
  files_delete: { args: RemotePaths; answer: null };
  files_link: { args: NewLink; answer: null };
  files_list: { args: RemotePath; answer: Listing };
  files_mkdir: { args: RemotePath; answer: null };
  files_open: { args: OpenFiles; answer: OpenedFiles };
  files_rename: { args: RenameFile; answer: null };
  files_stat: { args: RemotePath; answer: Entry };
  forward_start: { args: StartForward; answer: Forward };
  forward_stop: { args: OneForward; answer: null };
  forwards_list: { args: FindForwards; answer: Array<Forward> };
  group_delete: { args: DeleteGroup; answer: Undo };
  group_save: { args: SaveGroup; answer: Group };
  host_get: { args: ById; answer: HostPage };
  host_save: { args: SaveHost; answer: Host };
  hosts_delete: { args: DeleteHosts; answer: Undo };
  hosts_move: { args: MoveHosts; answer: null };
  hosts_search: { args: Typed; answer: Array<Id> };
  hosts_suggest: { args: Typed; answer: Array<Suggestion> };
  hosts_tag: { args: TagHosts; answer: null };
  hosts_tree: { args: NoArgs; answer: HostsTree };
  import_apply: { args: ApplyImport; answer: ImportDone };
  import_preview: { args: PreviewImport; answer: ImportPreview };
  key_delete: { args: ById; answer: null };
  key_generate: { args: GenerateKey; answer: Key };
  key_import: { args: ImportKey; answer: Key };
  keys_list: { args: NoArgs; answer: Array<Key> };
  known_host_remove: { args: RemoveKnownHost; answer: null };
  known_hosts_list: { args: NoArgs; answer: Array<KnownHostLine> };
  layout_get: { args: NoArgs; answer: Layout };
  layout_set: { args: SetLayout; answer: null };
  licence_texts: { args: WantedTexts; answer: Array<string> };
  local_list: { args: LocalFolder; answer: Listing };
  log_events: { args: ReadLog; answer: LogPage };
  log_export: { args: ExportLog; answer: null };
  logs_delete: { args: SomeLogs; answer: null };
  logs_list: { args: FindLogs; answer: Array<LogRow> };
  preferences_get: { args: NoArgs; answer: Preferences };
  preferences_set: { args: SetPreferences; answer: Preferences };
  question_answer: { args: QuestionAnswer; answer: null };
  questions_list: { args: NoArgs; answer: Array<OpenQuestion> };
  quick_parse: { args: Typed; answer: Quick };
  scan_cancel: { args: ScanId; answer: null };
  scan_delete: { args: ScanId; answer: null };
  scan_diff: { args: DiffScans; answer: ScanDiff };
  scan_export: { args: ExportScan; answer: null };
  scan_get: { args: ScanId; answer: Scan };
  scan_last: { args: ListScans; answer: Scan | null };
  scan_start: { args: StartScan; answer: ScanId };
  scans_list: { args: ListScans; answer: Array<ScanRow> };
  session_close: { args: OneSession; answer: null };
  session_log: { args: SetSessionLog; answer: Session };
  session_open: { args: Opened; answer: Session };
  session_reconnect: { args: OneSession; answer: Session };
  sessions_list: { args: NoArgs; answer: Array<Session> };
  terminal_ack: { args: TerminalDrawn; answer: null };
  terminal_close: { args: OneTerminal; answer: null };
  terminal_keep: { args: WrittenText; answer: null };
  terminal_open: { args: NewTerminal; answer: MadeTerminal };
  terminal_resize: { args: TerminalSize; answer: null };
  terminal_write: { args: TypedText; answer: null };
  terminal_write_bytes: { args: TypedBytes; answer: null };
  terminals_list: { args: NoArgs; answer: Array<OpenTerminal> };
  transfer_add: { args: AddTransfers; answer: Array<Transfer> };
  transfer_cancel: { args: OneTransfer; answer: null };
  transfer_pause: { args: OneTransfer; answer: null };
  transfer_resolve: { args: ResolveTransfer; answer: null };
  transfer_retry: { args: OneTransfer; answer: null };
  transfers_clear: { args: NoArgs; answer: null };
  transfers_list: { args: NoArgs; answer: Array<Transfer> };
  typing_key: { args: NoArgs; answer: TypingKey };
  undo: { args: Undo; answer: null };
  vault_change: { args: VaultChange; answer: VaultStatus };
  vault_create: { args: VaultPassphrase; answer: VaultStatus };
  vault_lock: { args: NoArgs; answer: VaultStatus };
  vault_status: { args: NoArgs; answer: VaultStatus };
  vault_unlock: { args: VaultPassphrase; answer: VaultStatus };
}

/**
 * The program and where it keeps things.
 */
export type About = { 
/**
 * Version of the program.
 */
version: string, 
/**
 * What it was built from.
 */
commit: string | null, 
/**
 * What it is linked of, and under which licences.
 */
licences: Array<Licence>, 
/**
 * Where secrets are kept, said plainly.
 */
secrets: string, 
/**
 * Where hosts, preferences and scans are kept.
 */
data_dir: string, };

/**
 * Things to carry over.
 */
export type AddTransfers = { files: Id, direction: TransferDirection, from: Array<string>, 
/**
 * The folder they go to.
 */
to: string, on_conflict: OnConflict, };

/**
 * What the person says.
 */
export type Answer = { "kind": "cancel" } | { "kind": "without_key" } | { "kind": "texts", 
/**
 * One for each question.
 */
texts: (string | TypedSecret)[], 
/**
 * Whether to keep it for the next time.
 */
remember?: boolean, } | { "kind": "trust_once" } | { "kind": "trust" } | { "kind": "replace", 
/**
 * The name of the host, typed.
 */
typed_name: string, };

/**
 * Hosts of a batch to take.
 */
export type ApplyImport = { batch: Id, take: Array<ImportTake>, };

/**
 * One question of a server's own.
 */
export type AskedPrompt = { 
/**
 * As the server words it.
 */
text: string, 
/**
 * Whether the answer may be seen while it is typed.
 */
echo: boolean, };

/**
 * What a bell does.
 */
export type Bell = "none" | "visual";

/**
 * Something by its id.
 */
export type ById = { id: Id, };

/**
 * The first line.
 */
export type CastHeader = { 
/**
 * 3.
 */
version: number, 
/**
 * The terminal at the beginning.
 */
term: CastTerm, 
/**
 * When it began, in seconds since 1970.
 */
timestamp: number | null, 
/**
 * What was recorded.
 */
title: string | null, };

/**
 * A terminal.
 */
export type CastTerm = { 
/**
 * Its width in characters.
 */
cols: number, 
/**
 * Its height in characters.
 */
rows: number, 
/**
 * `TERM`.
 */
type: string | null, };

/**
 * The catalogue that judged.
 */
export type CatalogueInfo = { 
/**
 * Its file.
 */
path: string, 
/**
 * When it was built.
 */
built_at: Time, 
/**
 * Whether it holds data made up for show, or only samples.
 */
sample: boolean, 
/**
 * How old it was when it judged, in days.
 */
age_days: number, };

/**
 * New permissions.
 */
export type ChangeMode = { files: Id, path: string, 
/**
 * As in `chmod`, as a number.
 */
mode: number, 
/**
 * Whether what is in it gets them, too.
 */
recursive: boolean, };

/**
 * Lists that change.
 */
export type Changed = "hosts" | "credentials" | "keys" | "preferences" | "logs" | "vault" | "scans" | "forwards";

/**
 * Two things of the same name.
 */
export type Conflict = { 
/**
 * The one on this device.
 */
local: Entry, 
/**
 * The one on the host.
 */
remote: Entry, };

/**
 * A way to sign in that hosts may share.
 */
export type Credential = { 
/**
 * Its id.
 */
id: Id, 
/**
 * How its person calls it.
 */
name: string, 
/**
 * The account, where the credential has one.
 */
user: string | null, 
/**
 * How to sign in.
 */
kind: CredentialKind, 
/**
 * Which key.
 */
key: Id | null, 
/**
 * The certificate: its text, or the path of its file.
 */
certificate: string | null, 
/**
 * Whether its password is kept.
 */
has_secret: boolean, };

/**
 * A credential as its person fills it in.
 */
export type CredentialDraft = { id?: Id, name: string, user: string | null, kind: CredentialKind, key: Id | null, certificate: string | null, };

/**
 * How to sign in.
 */
export type CredentialKind = "password" | "key" | "agent" | "ask";

/**
 * A credential, and how many use it.
 */
export type CredentialUse = { 
/**
 * How its person calls it.
 */
name: string, 
/**
 * How many hosts are signed in to with it, a group's hosts and those on the way to others among them.
 */
hosts: number, 
/**
 * For how many hosts it signs in to the proxy.
 */
proxies: number, };

/**
 * A CVSS base score and who gave it.
 */
export type CvssScore = { 
/**
 * Edition: `2.0`, `3.0`, `3.1`, `4.0`.
 */
version: string, 
/**
 * 0.0 to 10.0.
 */
score: number, 
/**
 * The vector as written.
 */
vector: string, 
/**
 * `nvd`, `redhat`, the short name of a CNA, …
 */
source: string, };

/**
 * CISA's decision points (Stakeholder-Specific Vulnerability Categorization).
 */
export type DecisionPoints = { 
/**
 * `none`, `poc`, `active`.
 */
exploitation: string, 
/**
 * Whether the attack can be automated.
 */
automatable: boolean, 
/**
 * `partial`, `total`.
 */
technical_impact: string, };

/**
 * A group to delete, and what becomes of its hosts.
 */
export type DeleteGroup = { id: Id, hosts: GroupHosts, 
/**
 * As for `hosts_delete`.
 */
shorten_ways?: boolean, };

/**
 * Hosts to delete.
 */
export type DeleteHosts = { ids: Array<Id>, 
/**
 * Takes them out of the ways of the hosts that are reached through them. Without it, such a jump host is not deleted.
 */
shorten_ways?: boolean, };

/**
 * How close rows stand.
 */
export type Density = "compact" | "comfortable";

/**
 * Two scans to compare.
 */
export type DiffScans = { from: Id, to: Id, };

/**
 * A file of a host that is open in an editor here, or was, and was changed and not sent.
 */
export type Editing = { 
/**
 * Its id.
 */
edit: Id, 
/**
 * The host, if it is kept.
 */
host: Id | null, 
/**
 * What was typed to connect to it, if something was.
 */
quick: string | null, 
/**
 * What was signed in with, in place of the host's own.
 */
credential: Id | null, 
/**
 * What was gone through, in place of the host's own jump hosts.
 */
jump: Id | null, 
/**
 * What the host is called.
 */
title: string, 
/**
 * `user@host:port`.
 */
target: string, 
/**
 * The file on the host.
 */
path: string, 
/**
 * The copy on this device.
 */
local_path: string, 
/**
 * The session that it would be sent over; none since the program was started anew.
 */
session: Id | null, 
/**
 * Whether the copy is not what the host was given.
 */
changed: boolean, 
/**
 * When the copy was last saved.
 */
saved_at: Time | null, 
/**
 * When it was fetched.
 */
opened_at: Time, };

/**
 * All that holds for a host.
 */
export type Effective = { user: From<string>, port: From<number>, credential: From<Id | null>, jump: From<Array<Id>>, proxy: From<string | null>, proxy_credential: From<Id | null>, environment: From<Environment>, host_key_policy: From<HostKeyRule>, keepalive_s: From<number>, connect_timeout_s: From<number>, compression: From<boolean>, agent_forwarding: From<boolean>, log: From<LogMode>, sudo_tier: From<SudoTier>, terminal: From<string>, };

/**
 * A thing in a folder.
 */
export type Entry = { 
/**
 * Its name.
 */
name: string, 
/**
 * Where it is.
 */
path: string, 
/**
 * What it is.
 */
kind: EntryKind, 
/**
 * Its length in bytes.
 */
size_bytes: number, 
/**
 * When it was last changed.
 */
modified_at: Time | null, 
/**
 * Its permission bits.
 */
mode: number | null, 
/**
 * Who owns it.
 */
owner: string | null, 
/**
 * Its group.
 */
group: string | null, 
/**
 * Where it leads, if it is a link.
 */
link_to: string | null, 
/**
 * Whether it leads nowhere.
 */
link_broken: boolean, 
/**
 * Whether it leads to a folder.
 */
link_directory: boolean, };

/**
 * What a thing in a folder is.
 */
export type EntryKind = "file" | "directory" | "link" | "other";

/**
 * What a host is for; production is framed red.
 */
export type Environment = "production" | "staging" | "development" | "none";

/**
 * Something happened.
 */
export type Event = { "event": "changed", 
/**
 * Which list.
 */
what: Changed, } | { "event": "session", 
/**
 * As it is now.
 */
session: Session, } | { "event": "question", 
/**
 * Which question.
 */
question: Id, 
/**
 * The session that wants to know.
 */
session: Id | null, 
/**
 * What it wants to know.
 */
ask: Question, } | { "event": "question_gone", 
/**
 * Which question.
 */
question: Id, } | { "event": "terminal_closed", 
/**
 * Which terminal.
 */
terminal: Id, 
/**
 * With which code.
 */
exit: number | null, 
/**
 * By which signal.
 */
signal: string | null, } | { "event": "terminal_refused", 
/**
 * Which terminal.
 */
terminal: Id, 
/**
 * Why.
 */
problem: Problem, } | { "event": "forward", 
/**
 * As it is now.
 */
forward: Forward, } | { "event": "transfer", 
/**
 * As it is now.
 */
transfer: Transfer, } | { "event": "edit_changed", 
/**
 * Which edit.
 */
edit: Id, 
/**
 * The file on the host.
 */
path: string, } | { "event": "scan", 
/**
 * Which one.
 */
scan: Id, 
/**
 * Commands that are behind it.
 */
done: number, 
/**
 * All of its commands.
 */
total: number, 
/**
 * The section that is being read.
 */
section: string, } | { "event": "scan_done", 
/**
 * Which one.
 */
scan: Id, } | { "event": "notice", 
/**
 * How loud.
 */
level: NoticeLevel, 
/**
 * What.
 */
problem: Problem, };

/**
 * What was written.
 */
export type ExportDone = { 
/**
 * Hosts, with those that the others are reached through.
 */
written: number, 
/**
 * What is not in the file, and why.
 */
left_out: Array<string>, };

/**
 * What to write, and where to.
 */
export type ExportHosts = { kind: ExportKind, 
/**
 * Without it, all.
 */
ids?: Array<Id>, path: string, };

/**
 * How to write.
 */
export type ExportKind = "csv" | "ssh_config" | "luumen";

/**
 * Where to copy a log.
 */
export type ExportLog = { id: Id, path: string, };

/**
 * A scan to write, and where to.
 */
export type ExportScan = { scan: Id, kind: ScanExportKind, path: string, };

/**
 * Which forwards to list.
 */
export type FindForwards = { 
/**
 * Of one session only.
 */
session?: Id, };

/**
 * Which logs to list.
 */
export type FindLogs = { 
/**
 * Part of the title or the target.
 */
search?: string, };

/**
 * What is said of a vulnerability and a package.
 */
export type Finding = { 
/**
 * `CVE-…`, or its source's own id.
 */
vulnerability: string, 
/**
 * Source package, or the name in its ecosystem.
 */
package: string, 
/**
 * What is installed of it.
 */
installed: Array<FoundPackage>, 
/**
 * `vulnerable`, `under_investigation`, `possible`, `unknown`.
 */
verdict: string, 
/**
 * By which rule.
 */
reason: string, 
/**
 * The same in a sentence.
 */
why: string, 
/**
 * `high`, `medium`, `low`.
 */
confidence: string, 
/**
 * First version with the fix.
 */
fixed_version?: string, 
/**
 * Channel that the fix is published in, if not every host gets it.
 */
fix_channel?: string, 
/**
 * Feed that decided.
 */
source: string, 
/**
 * How near it is to who builds the package.
 */
authority: string, 
/**
 * What it says.
 */
status: string, 
/**
 * Its advisory.
 */
advisory?: string, 
/**
 * Its own words, where they say more.
 */
note?: string, 
/**
 * For kernels: whether the one that runs has it.
 */
running?: boolean, 
/**
 * The release no longer gets updates that every host gets.
 */
end_of_life: boolean, 
/**
 * `critical`, `high`, `medium`, `low`, `none`, `unknown`.
 */
severity: string, 
/**
 * CVSS base score.
 */
score?: number, 
/**
 * Edition of that score.
 */
score_version?: string, 
/**
 * Every score that was given, newest edition first, and with who gave it.
 */
scores?: Array<CvssScore>, 
/**
 * CISA's decision points.
 */
ssvc?: DecisionPoints, 
/**
 * Day that CISA added it to the known exploited ones.
 */
kev_added_at?: string, 
/**
 * Whether ransomware is known to use it.
 */
ransomware: boolean, 
/**
 * Probability of exploitation within 30 days, 0 to 1.
 */
epss?: number, };

/**
 * A forward of a session.
 */
export type Forward = { 
/**
 * The session it runs on.
 */
session: Id, 
/**
 * Its id.
 */
id: Id, 
/**
 * Which way.
 */
kind: ForwardKind, 
/**
 * Address it listens on.
 */
bind: string, 
/**
 * Port it was asked to listen on.
 */
port: number, 
/**
 * Where it leads, unless it is a proxy.
 */
to_host: string | null, 
/**
 * Where it leads, unless it is a proxy.
 */
to_port: number | null, 
/**
 * Whether it starts with the session.
 */
auto: boolean, 
/**
 * What it is for.
 */
label: string, 
/**
 * How it stands.
 */
state: ForwardState, 
/**
 * Why it failed, or why the last connection through it did.
 */
problem: Problem | null, 
/**
 * Connections that are open now.
 */
connections: number, 
/**
 * Connections since it started.
 */
connections_total: number, 
/**
 * Bytes from the host to this device.
 */
bytes_in: number, 
/**
 * Bytes from this device to the host.
 */
bytes_out: number, 
/**
 * Port it listens on.
 */
bound_port: number | null, };

/**
 * Which way a forward goes.
 */
export type ForwardKind = "local" | "remote" | "dynamic";

/**
 * A port to forward.
 */
export type ForwardSpec = { 
/**
 * Its id.
 */
id: Id, 
/**
 * Which way.
 */
kind: ForwardKind, 
/**
 * Address it listens on.
 */
bind: string, 
/**
 * Port it listens on; 0 lets the system choose.
 */
port: number, 
/**
 * Where it leads, unless it is a proxy.
 */
to_host: string | null, 
/**
 * Where it leads, unless it is a proxy.
 */
to_port: number | null, 
/**
 * Whether it starts with the session.
 */
auto: boolean, 
/**
 * What it is for.
 */
label: string, };

/**
 * How a forward stands.
 */
export type ForwardState = "off" | "listening" | "failed";

/**
 * An installed package that a finding is about.
 */
export type FoundPackage = { 
/**
 * As the package manager names it.
 */
name: string, 
/**
 * Installed version.
 */
version: string, 
/**
 * Version of the source package.
 */
source_version?: string, 
/**
 * Architecture.
 */
arch?: string, 
/**
 * Where it lies, for what no package manager keeps.
 */
path?: string, };

/**
 * A value and where it comes from.
 */
export type From<T> = { 
/**
 * The value.
 */
value: T, 
/**
 * Where it comes from.
 */
from: Origin, };

/**
 * A key to make.
 */
export type GenerateKey = { name: string, passphrase?: TypedSecret, };

/**
 * A group of hosts; groups nest.
 */
export type Group = { 
/**
 * Its id.
 */
id: Id, 
/**
 * The group it is in.
 */
parent: Id | null, 
/**
 * Its name.
 */
name: string, 
/**
 * What its hosts and groups inherit.
 */
settings: Settings, };

/**
 * A group as its person fills it in.
 */
export type GroupDraft = { id?: Id, parent: Id | null, name: string, settings: Settings, };

/**
 * What becomes of the hosts and groups of a deleted group.
 */
export type GroupHosts = "move_up" | "delete";

/**
 * A host that is kept.
 */
export type Host = { 
/**
 * Its id.
 */
id: Id, 
/**
 * The group it is in.
 */
group: Id | null, 
/**
 * How its person calls it.
 */
name: string, 
/**
 * How it is spoken to.
 */
protocol: Protocol, 
/**
 * Name or address on the network.
 */
address: string, 
/**
 * Words to find it by.
 */
tags: Array<string>, 
/**
 * Whatever its person wants to remember.
 */
note: string, 
/**
 * What it says about connecting.
 */
settings: Settings, 
/**
 * Ports to forward.
 */
forwards: Array<ForwardSpec>, 
/**
 * When a session was last open.
 */
last_connected_at: Time | null, 
/**
 * What runs on it, as last seen.
 */
os: string | null, 
/**
 * When it was last scanned.
 */
last_scan_at: Time | null, };

/**
 * A host as its person fills it in.
 */
export type HostDraft = { 
/**
 * The group it is in.
 */
group: Id | null, 
/**
 * How its person calls it.
 */
name: string, 
/**
 * How it is spoken to.
 */
protocol: Protocol, 
/**
 * Name or address on the network.
 */
address: string, 
/**
 * Words to find it by.
 */
tags: Array<string>, 
/**
 * Whatever its person wants to remember.
 */
note: string, 
/**
 * What it says about connecting.
 */
settings: Settings, 
/**
 * Ports to forward.
 */
forwards: Array<ForwardSpec>, };

/**
 * What to do with a host key that was never seen.
 */
export type HostKeyRule = "ask" | "strict";

/**
 * A host and what holds for it.
 */
export type HostPage = { 
/**
 * The host.
 */
host: Host, 
/**
 * What holds, and who says so.
 */
effective: Effective, };

/**
 * All hosts and groups.
 */
export type HostsTree = { 
/**
 * The groups, oldest first.
 */
groups: Array<Group>, 
/**
 * The hosts, oldest first.
 */
hosts: Array<Host>, };

/**
 * A UUID v7 of whatever the workbench keeps: a host, a session, a transfer.
 */
export type Id = string;

/**
 * A catalogue or bundle to use from now on.
 */
export type ImportCatalogue = { 
/**
 * A signed bundle, or a catalogue's own file.
 */
path: string, 
/**
 * The file of keys that a bundle's signature is checked with.
 */
keys?: string, };

/**
 * What an import came to.
 */
export type ImportDone = { 
/**
 * Hosts that are new, with those that only lead to others.
 */
added: number, 
/**
 * Hosts that were kept already.
 */
changed: number, 
/**
 * With what it can be taken back.
 */
undo: Id, };

/**
 * A found host, to be looked at.
 */
export type ImportItem = { 
/**
 * Its place in the batch.
 */
index: number, 
/**
 * Its name.
 */
name: string, 
/**
 * Its address.
 */
address: string, 
/**
 * The account, where one is said.
 */
user: string | null, 
/**
 * The port.
 */
port: number, 
/**
 * Groups, outermost first.
 */
group: Array<string>, 
/**
 * Hops, first hop first.
 */
jump: Array<string>, 
/**
 * How it stands to what is kept.
 */
state: ItemState, 
/**
 * The kept host that it is, or whose name it has.
 */
existing: Id | null, 
/**
 * How the two differ.
 */
changes: Array<ItemChange>, 
/**
 * All that comes with it when it is taken as a host of its own, each forward and tag for itself.
 */
fields: Array<ItemField>, 
/**
 * What the file says and Luumen cannot do.
 */
unsupported: Array<string>, 
/**
 * What would be otherwise than the file means it, and matters.
 */
warnings: Array<string>, 
/**
 * What would let the host use this device's ssh-agent: `the file`, or the name of the group it comes into. Taken only with leave.
 */
agent_forwarding: string | null, };

/**
 * A key to take in: a file or a text.
 */
export type ImportKey = { path?: string, text?: string, name: string, passphrase?: TypedSecret, 
/**
 * Leaves the key in its file and reads it from there each time.
 */
in_place?: boolean, };

/**
 * Where hosts come from.
 */
export type ImportKind = "ssh_config" | "putty" | "csv" | "ansible" | "termius" | "mobaxterm" | "mremoteng" | "luumen";

/**
 * What was found.
 */
export type ImportPreview = { 
/**
 * For `import_apply`.
 */
batch: Id, 
/**
 * The hosts.
 */
items: Array<ImportItem>, 
/**
 * What was not taken.
 */
problems: Array<ImportProblem>, };

/**
 * A line that was not taken.
 */
export type ImportProblem = { 
/**
 * Counted from 1, where there are lines.
 */
line: number | null, 
/**
 * What stands there, without secrets.
 */
text: string, 
/**
 * Why it was not taken.
 */
why: string, 
/**
 * What to do now.
 */
next: string, };

/**
 * A host to take, and how.
 */
export type ImportTake = { index: number, as: TakeAs, 
/**
 * Whether it may use this device's ssh-agent, where the file or its group says so.
 */
agent_forwarding?: boolean, };

/**
 * A difference between a kept host and the file.
 */
export type ItemChange = { 
/**
 * Which field.
 */
field: string, 
/**
 * What is kept.
 */
from: string | null, 
/**
 * What the file says.
 */
to: string | null, };

/**
 * Something that a found host says.
 */
export type ItemField = { 
/**
 * Which field.
 */
field: string, 
/**
 * What the file says.
 */
value: string, };

/**
 * How a found host stands to what is kept.
 */
export type ItemState = "new" | "same" | "changes" | "name_taken";

/**
 * A key, without its private part.
 */
export type Key = { 
/**
 * Its id.
 */
id: Id, 
/**
 * How its person calls it.
 */
name: string, 
/**
 * `ssh-ed25519`, `ssh-rsa`, …
 */
algorithm: string, 
/**
 * Its length.
 */
bits: number | null, 
/**
 * `SHA256:…`
 */
fingerprint: string, 
/**
 * The line for `authorized_keys`.
 */
public_key: string, 
/**
 * Whether it needs a passphrase.
 */
encrypted: boolean, 
/**
 * Where it is from.
 */
source: KeySource, 
/**
 * Its file, where it is read from one.
 */
path: string | null, 
/**
 * When it was made or taken in.
 */
created_at: Time, };

/**
 * Where a key is from.
 */
export type KeySource = "generated" | "imported" | "file";

/**
 * A line of a `known_hosts` file.
 */
export type KnownHostLine = { 
/**
 * Who is meant, as the file has it; hashed names cannot be told.
 */
host: string, 
/**
 * `ssh-ed25519`, …
 */
algorithm: string, 
/**
 * `SHA256:…`
 */
fingerprint: string, 
/**
 * Whether the line speaks of an authority or forbids the key.
 */
marker: string | null, 
/**
 * Counted from 1.
 */
line: number, 
/**
 * The digest of the whole line, by which it is found again.
 */
digest: string, 
/**
 * The file.
 */
file: string, };

/**
 * A key that is known of a host.
 */
export type KnownKey = { 
/**
 * Its type.
 */
algorithm: string, 
/**
 * `SHA256:…`.
 */
fingerprint: string, 
/**
 * When it was first believed, if Luumen wrote the line.
 */
first_seen_at: Time | null, 
/**
 * The file of the line.
 */
file: string, 
/**
 * The line, counted from 1.
 */
line: number, };

/**
 * How the tabs stand. Only the window reads it.
 */
export type Layout = unknown;

/**
 * A library that the program is linked of.
 */
export type Licence = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its version.
 */
version: string, 
/**
 * Its licence, as an SPDX expression.
 */
licence: string, 
/**
 * Where it comes from: `rust` or `npm`.
 */
from: string, 
/**
 * The numbers of its texts.
 */
texts: Array<number>, };

/**
 * Scans of one host or place, or of all.
 */
export type ListScans = { 
/**
 * Of a kept host.
 */
host?: Id, 
/**
 * Of a place that is not kept: `user@host:port`.
 */
target?: string, };

/**
 * What is in a folder.
 */
export type Listing = { 
/**
 * The folder, without links and dots.
 */
path: string, 
/**
 * What is in it.
 */
entries: Array<Entry>, 
/**
 * Whether there is more than is shown.
 */
truncated: boolean, };

/**
 * A folder of this device; its person's home when it is left out.
 */
export type LocalFolder = { path?: string, };

/**
 * How much of a session is logged.
 */
export type LogMode = "off" | "metadata" | "full";

/**
 * A part of a log.
 */
export type LogPage = { 
/**
 * How it was recorded.
 */
header: CastHeader, 
/**
 * Seconds since the one before, what happened, and with what: `o` shown, `r` resized, `x` ended, `m` a mark.
 */
events: [number, string, string][], 
/**
 * Where it goes on, if it does.
 */
next: number | null, };

/**
 * A log in the list.
 */
export type LogRow = { 
/**
 * Its id.
 */
id: Id, 
/**
 * The kept host, if it was one.
 */
host: Id | null, 
/**
 * What the tab was called.
 */
title: string, 
/**
 * `user@host:port`.
 */
target: string, 
/**
 * How much was logged.
 */
mode: LogMode, 
/**
 * When it began.
 */
started_at: Time, 
/**
 * When it ended; not yet for one that is being written.
 */
ended_at: Time | null, 
/**
 * What it takes on the disk.
 */
size_bytes: number, 
/**
 * How many bytes the host sent.
 */
bytes_shown: number, 
/**
 * With which code the shell ended.
 */
exit: number | null, 
/**
 * `exit`, `closed`, `stopped`, `interrupted`, `not written`; none for one that is being written.
 */
end_reason: string | null, };

/**
 * A terminal that was made.
 */
export type MadeTerminal = { 
/**
 * Its id.
 */
terminal: Id, };

/**
 * Hosts to put into a group, or into none.
 */
export type MoveHosts = { ids: Array<Id>, group: Id | null, };

/**
 * A new link.
 */
export type NewLink = { files: Id, path: string, to: string, };

/**
 * A new terminal.
 */
export type NewTerminal = { 
/**
 * On which session.
 */
session: Id, 
/**
 * Its width in characters.
 */
cols: number, 
/**
 * Its height in characters.
 */
rows: number, };

/**
 * A call that needs nothing.
 */
export type NoArgs = Record<string, never>;

/**
 * How loud a notice is.
 */
export type NoticeLevel = "info" | "warning" | "error";

/**
 * What to do when there is something of that name.
 */
export type OnConflict = "ask" | "overwrite" | "skip" | "rename" | "resume";

/**
 * A file that is open in an editor.
 */
export type OneEdit = { edit: Id, };

/**
 * A browser.
 */
export type OneFiles = { files: Id, };

/**
 * A forward of a session.
 */
export type OneForward = { session: Id, id: Id, };

/**
 * One session.
 */
export type OneSession = { 
/**
 * Which.
 */
id: Id, };

/**
 * One terminal.
 */
export type OneTerminal = { terminal: Id, };

/**
 * A transfer.
 */
export type OneTransfer = { id: Id, };

/**
 * A browser for the files of a session.
 */
export type OpenFiles = { session: Id, };

/**
 * A question that waits.
 */
export type OpenQuestion = { 
/**
 * Its id.
 */
question: Id, 
/**
 * The session that wants to know.
 */
session: Id | null, 
/**
 * What it wants to know.
 */
ask: Question, };

/**
 * A terminal that lives, for a window that was opened anew.
 */
export type OpenTerminal = { 
/**
 * Which.
 */
terminal: Id, 
/**
 * On which session.
 */
session: Id, 
/**
 * Its width in characters.
 */
cols: number, 
/**
 * Its height in characters.
 */
rows: number, 
/**
 * So many bytes were shown before, and are shown again to who attaches.
 */
again: number, };

/**
 * Where to go: a kept host, or what was typed.
 */
export type Opened = { 
/**
 * A kept host.
 */
host?: Id, 
/**
 * `user@host:port`, `ssh://…`, or the name of a kept host.
 */
quick?: string, 
/**
 * Used in place of the host's own.
 */
credential?: Id, 
/**
 * A kept host to go through, in place of the host's own jump hosts.
 */
jump?: Id, 
/**
 * How much is logged, in place of the host's own.
 */
log?: LogMode, };

/**
 * A browser that was opened.
 */
export type OpenedFiles = { 
/**
 * Its id.
 */
files: Id, 
/**
 * The account's home on the host.
 */
home: string, };

/**
 * Where a value comes from.
 */
export type Origin = OriginWord | { 
/**
 * The group.
 */
group: Id, 
/**
 * Its name.
 */
name: string, };

/**
 * The origins that are no group.
 */
export type OriginWord = "host" | "default";

/**
 * A package that came, went or changed.
 */
export type PackageChange = { 
/**
 * Its name.
 */
name: string, 
/**
 * Versions before, none when it came.
 */
from: string | null, 
/**
 * Versions after, none when it went.
 */
to: string | null, };

/**
 * All preferences.
 */
export type Preferences = { 
/**
 * Colours of the window.
 */
theme: Theme, 
/**
 * How close rows stand.
 */
density: Density, 
/**
 * Groups whose hosts are not shown in the tree.
 */
folded_groups: Array<Id>, 
/**
 * Colours of the terminal, by name.
 */
terminal_theme: string, 
/**
 * The terminal's typeface.
 */
font: string, 
/**
 * In pixels, 6 to 48.
 */
font_size: number, 
/**
 * Lines kept above the screen, at most a million.
 */
scrollback: number, 
/**
 * What draws the terminal.
 */
renderer: Renderer, 
/**
 * Whether a screen reader is told what the terminal shows.
 */
screen_reader: boolean, 
/**
 * Whether selecting copies.
 */
copy_on_select: boolean, 
/**
 * Whether a suspicious paste is asked about first.
 */
paste_guard: boolean, 
/**
 * What a bell does.
 */
bell: Bell, 
/**
 * Keys that differ from the usual ones, by what they do.
 */
keys: { [key in string]: string }, 
/**
 * Whether the first screens were gone through.
 */
first_run_done: boolean, 
/**
 * A catalogue file to use in place of the installed one.
 */
catalogue: string | null, 
/**
 * Whether sessions are logged where no host says otherwise.
 */
log_default: LogMode, 
/**
 * How long logs are kept; 0 keeps them for ever.
 */
log_keep_days: number, };

/**
 * A file or text to look at.
 */
export type PreviewImport = { kind: ImportKind, path?: string, text?: string, 
/**
 * Asks the person, outside of the page, whether the commands of `Match exec` may run.
 */
run_match_exec?: boolean, };

/**
 * The answer of a call that failed, and the reason of anything else that failed.
 */
export type Problem = { 
/**
 * Stable, for support and for the screens: `LUM-HOST-NAME`.
 */
code: string, 
/**
 * What happened.
 */
title: string, 
/**
 * Why, as far as it is known.
 */
detail: string, 
/**
 * What to do now, where something can be done.
 */
next: string | null, };

/**
 * How a host is spoken to.
 */
export type Protocol = "ssh";

/**
 * What a person is asked.
 */
export type Question = { "kind": "password", 
/**
 * The account.
 */
user: string, 
/**
 * `user@host:port`.
 */
target: string, 
/**
 * True when the one before was wrong.
 */
again: boolean, 
/**
 * The credential that it can be kept in. From then on it is sent to all who use that, unasked.
 */
keep_in: CredentialUse | null, } | { "kind": "passphrase", 
/**
 * The key's name or path.
 */
key: string, 
/**
 * True when one was tried, kept or just typed, and does not open the key.
 */
again: boolean, 
/**
 * True when it can be remembered.
 */
may_remember: boolean, } | { "kind": "prompts", 
/**
 * Who asks.
 */
title: string, 
/**
 * What the server says to it.
 */
instruction: string, 
/**
 * The questions.
 */
prompts: Array<AskedPrompt>, 
/**
 * True when the answers before were wrong, and it asks from the beginning.
 */
again: boolean, } | { "kind": "host_key_new", 
/**
 * `host:port`.
 */
target: string, 
/**
 * Type of its key.
 */
algorithm: string, 
/**
 * `SHA256:…`.
 */
fingerprint: string, 
/**
 * The fingerprint as a picture.
 */
art: string, } | { "kind": "host_key_changed", 
/**
 * `host:port`.
 */
target: string, 
/**
 * What has to be typed to replace the key.
 */
name: string, 
/**
 * Type of the key it showed.
 */
algorithm: string, 
/**
 * `SHA256:…` of the key it showed.
 */
fingerprint: string, 
/**
 * The keys that are known.
 */
known: Array<KnownKey>, } | { "kind": "vault_locked" };

/**
 * An answer to a question.
 */
export type QuestionAnswer = { 
/**
 * Which question.
 */
question: Id, 
/**
 * What the person says.
 */
answer: Answer, };

/**
 * Where to go.
 */
export type Quick = { 
/**
 * The account, where one was named.
 */
user: string | null, 
/**
 * Name or address.
 */
address: string, 
/**
 * The port, where one was named.
 */
port: number | null, 
/**
 * The kept host that was meant, if it is one.
 */
host: Id | null, };

/**
 * Where to read on.
 */
export type ReadLog = { id: Id, 
/**
 * 0, or what `next` said.
 */
offset: number, };

/**
 * A path on a host.
 */
export type RemotePath = { files: Id, path: string, };

/**
 * Things of a host.
 */
export type RemotePaths = { files: Id, paths: Array<string>, };

/**
 * A line to take out.
 */
export type RemoveKnownHost = { file: string, 
/**
 * Where it was when it was shown.
 */
line: number, 
/**
 * What it was when it was shown; where it is now does not matter.
 */
digest: string, };

/**
 * A thing of a host and its new name.
 */
export type RenameFile = { files: Id, from: string, to: string, };

/**
 * What draws the terminal.
 */
export type Renderer = "dom" | "webgl";

/**
 * What to do about something in the way.
 */
export type ResolveTransfer = { id: Id, choice: OnConflict, 
/**
 * Whether the same shall be done for all that follow.
 */
all: boolean, };

/**
 * A credential to save, with its password if that changes. An empty password forgets the kept one.
 */
export type SaveCredential = { credential: CredentialDraft, secret?: TypedSecret, };

/**
 * Writes what was edited into a file of this device.
 */
export type SaveEdit = { edit: Id, path: string, 
/**
 * Even if there is something in its place.
 */
overwrite?: boolean, };

/**
 * A group to save: a new one without an id.
 */
export type SaveGroup = { group: GroupDraft, };

/**
 * A host to save: a new one without an id.
 */
export type SaveHost = { host: HostDraft, id?: Id, };

/**
 * A scan.
 */
export type Scan = { 
/**
 * Its id.
 */
id: Id, 
/**
 * The kept host, if it is one.
 */
host: Id | null, 
/**
 * `user@host:port`.
 */
target: string, 
/**
 * How it stands.
 */
state: ScanState, 
/**
 * When it began.
 */
started_at: Time, 
/**
 * When it ended.
 */
ended_at: Time | null, 
/**
 * What was looked at, and how well.
 */
sections: Array<ScanSection>, 
/**
 * What was seen, by section; long lists of packages are left out.
 */
facts: Record<string, unknown>, 
/**
 * What has to be looked at, the most urgent first.
 */
findings: Array<Finding>, 
/**
 * What could not be judged, and why. It never means "nothing found".
 */
unjudged: Array<string>, 
/**
 * How many packages were judged.
 */
package_count: number, 
/**
 * The catalogue that judged; none when there was none.
 */
catalogue: CatalogueInfo | null, 
/**
 * Why it failed, or why nothing was judged.
 */
problem: Problem | null, };

/**
 * What changed.
 */
export type ScanDiff = { 
/**
 * Findings that are new. Empty when the earlier scan could not tell: see `unjudged`.
 */
added: Array<Finding>, 
/**
 * Findings that are no longer there. Those that the later scan could not look at are not among them: see `unjudged`.
 */
gone: Array<Finding>, 
/**
 * Packages that came, went or changed.
 */
packages: Array<PackageChange>, 
/**
 * Why something cannot be compared.
 */
unjudged: Array<string>, };

/**
 * How to write it.
 */
export type ScanExportKind = "json" | "csv" | "sarif";

/**
 * A scan by its id.
 */
export type ScanId = { 
/**
 * The scan.
 */
scan: Id, };

/**
 * A scan in a list.
 */
export type ScanRow = { 
/**
 * Its id.
 */
id: Id, 
/**
 * The kept host, if it is one.
 */
host: Id | null, 
/**
 * `user@host:port`.
 */
target: string, 
/**
 * How it stands.
 */
state: ScanState, 
/**
 * When it began.
 */
started_at: Time, 
/**
 * When it ended.
 */
ended_at: Time | null, 
/**
 * Open findings.
 */
findings: number, 
/**
 * Those of critical severity, or known to be exploited.
 */
urgent: number, 
/**
 * Whether something was not read or not judged.
 */
partial: boolean, };

/**
 * One part of what was looked at.
 */
export type ScanSection = { 
/**
 * `packages`, `kernel`, …
 */
name: string, 
/**
 * `ok`, `partial`, `denied`, `timeout`, `truncated`, `unsupported`, `parse_error`.
 */
status: string, 
/**
 * What was not read and why; empty when all was.
 */
detail: string, 
/**
 * The lines of sudoers that would allow what was refused.
 */
sudo_line: string | null, 
/**
 * Time spent on it on the host.
 */
ms: number, };

/**
 * How a scan stands.
 */
export type ScanState = "running" | "done" | "cancelled" | "failed";

/**
 * One connection to a host.
 */
export type Session = { 
/**
 * Its id.
 */
id: Id, 
/**
 * The kept host, if it is one.
 */
host: Id | null, 
/**
 * What the tab is called.
 */
title: string, 
/**
 * `user@host:port`.
 */
target: string, 
/**
 * What it is spoken in.
 */
kind: SessionKind, 
/**
 * What the host is for.
 */
environment: Environment, 
/**
 * How it stands.
 */
state: SessionState, 
/**
 * The way there, step by step.
 */
steps: Array<Step>, 
/**
 * Why it is lost or failed.
 */
problem: Problem | null, 
/**
 * When it was asked for.
 */
opened_at: Time, 
/**
 * How long a word takes to the host and back.
 */
latency_ms: number | null, 
/**
 * How much of it is logged.
 */
recording: LogMode, 
/**
 * What the server calls itself.
 */
server: string | null, 
/**
 * What both sides agreed on.
 */
ciphers: string | null, 
/**
 * Whether the host may use this device's ssh-agent.
 */
agent_forwarding: boolean, 
/**
 * What its person should know.
 */
warnings: Array<string>, };

/**
 * What a session is spoken in.
 */
export type SessionKind = "ssh";

/**
 * How a session stands.
 */
export type SessionState = "connecting" | "open" | "lost" | "closed" | "failed";

/**
 * How the tabs stand now.
 */
export type SetLayout = { layout: unknown, };

/**
 * Some of the preferences, to be set.
 */
export type SetPreferences = { preferences: Partial<Preferences>, };

/**
 * How much of a session is logged from now on.
 */
export type SetSessionLog = { 
/**
 * Which session.
 */
id: Id, 
/**
 * How much.
 */
mode: LogMode, };

/**
 * What a host or group says about connecting; `null` is inherited.
 */
export type Settings = { 
/**
 * The account.
 */
user: string | null, 
/**
 * The port.
 */
port: number | null, 
/**
 * What to sign in with.
 */
credential: Id | null, 
/**
 * Hosts to go through, first hop first; an empty list goes straight.
 */
jump: Array<Id> | null, 
/**
 * `socks5://host:port`, `http://user@host:port`, or `none` to go without an inherited one. Never a password.
 */
proxy: string | null, 
/**
 * What the proxy lets in: an account with its password. Goes with the proxy, never with one that is said nearer.
 */
proxy_credential: Id | null, 
/**
 * What the host is for.
 */
environment: Environment | null, 
/**
 * What to do with a new host key.
 */
host_key_policy: HostKeyRule | null, 
/**
 * Seconds of silence after which the host is asked whether it is there; 0 never asks.
 */
keepalive_s: number | null, 
/**
 * Seconds to reach and sign in to each host on the way.
 */
connect_timeout_s: number | null, 
/**
 * Whether to compress.
 */
compression: boolean | null, 
/**
 * Whether the host may use this device's ssh-agent.
 */
agent_forwarding: boolean | null, 
/**
 * How much of a session is logged.
 */
log: LogMode | null, 
/**
 * How much of `sudo` a scan may use.
 */
sudo_tier: SudoTier | null, 
/**
 * `TERM` of its shells.
 */
terminal: string | null, };

/**
 * Several logs.
 */
export type SomeLogs = { ids: Array<Id>, };

/**
 * A forward to start.
 */
export type StartForward = { session: Id, spec: ForwardSpec, };

/**
 * The open session to scan over.
 */
export type StartScan = { session: Id, };

/**
 * One step of the way.
 */
export type Step = { 
/**
 * Which host on the way, counted from 0.
 */
hop: number, 
/**
 * `host:port` of that host.
 */
endpoint: string, 
/**
 * What is done.
 */
step: StepName, 
/**
 * How it stands.
 */
state: StepState, 
/**
 * What came of it.
 */
detail: string, 
/**
 * How long it took; a person's time counts.
 */
ms: number | null, };

/**
 * What is done in a step.
 */
export type StepName = "resolve" | "connect" | "host_key" | "sign_in" | "shell";

/**
 * How a step stands.
 */
export type StepState = "waiting" | "running" | "done" | "failed" | "skipped";

/**
 * How much of `sudo` a scan may use.
 */
export type SudoTier = "none" | "standard" | "extended";

/**
 * Something that a word under the caret could become.
 */
export type Suggestion = { 
/**
 * What takes its place.
 */
term: string, 
/**
 * What it means, or how many hosts it finds.
 */
hint: string, };

/**
 * Tags to put on hosts and to take off.
 */
export type TagHosts = { ids: Array<Id>, add: Array<string>, remove: Array<string>, };

/**
 * How a found host is taken.
 */
export type TakeAs = "new" | "merge" | "replace";

/**
 * Bytes that are drawn.
 */
export type TerminalDrawn = { terminal: Id, bytes: number, };

/**
 * A new size.
 */
export type TerminalSize = { terminal: Id, cols: number, rows: number, };

/**
 * Colours of the window.
 */
export type Theme = "system" | "dark" | "light";

/**
 * A moment: RFC 3339, UTC, milliseconds.
 */
export type Time = string;

/**
 * Something that is carried over.
 */
export type Transfer = { 
/**
 * Its id.
 */
id: Id, 
/**
 * The browser it belongs to.
 */
files: Id, 
/**
 * Which way.
 */
direction: TransferDirection, 
/**
 * What.
 */
from: string, 
/**
 * Where to, with its name there.
 */
to: string, 
/**
 * How it stands.
 */
state: TransferState, 
/**
 * How much is there.
 */
bytes_done: number, 
/**
 * How much there is; it is found out on the way for folders.
 */
bytes_total: number, 
/**
 * How quick it is.
 */
bytes_per_s: number | null, 
/**
 * Why it failed.
 */
problem: Problem | null, 
/**
 * What is in its way.
 */
conflict: Conflict | null, 
/**
 * What else its person should know once it is done: what was left out, or belongs to somebody else now.
 */
notes: Array<string>, };

/**
 * Which way.
 */
export type TransferDirection = "upload" | "download";

/**
 * How a transfer stands.
 */
export type TransferState = "waiting" | "running" | "conflict" | "done" | "skipped" | "failed" | "cancelled" | "paused";

/**
 * A text that a person typed.
 */
export type Typed = { text: string, };

/**
 * Something typed that is no text: where the mouse is, in the oldest way to say it.
 */
export type TypedBytes = { terminal: Id, bytes: Array<number>, };

/**
 * Something typed or pasted.
 */
export type TypedText = { terminal: Id, text: string, };

/**
 * The half of the key that a window covers with.
 */
export type TypingKey = { 
/**
 * A point of P-256, not compressed, in base64.
 */
public_key: string, };

/**
 * With what a change can be taken back.
 */
export type Undo = { 
/**
 * For `undo`.
 */
undo: Id, };

/**
 * Sends what was edited.
 */
export type UploadEdit = { edit: Id, 
/**
 * Even if the host's file changed meanwhile.
 */
overwrite?: boolean, 
/**
 * A browser to send it over, where the one that it was opened in is gone.
 */
files?: Id, };

/**
 * The present passphrase and the next one.
 */
export type VaultChange = { old: TypedSecret, new: TypedSecret, };

/**
 * A passphrase, on its way in.
 */
export type VaultPassphrase = { passphrase: TypedSecret, };

/**
 * Where secrets live.
 */
export type VaultPlace = "keychain" | "vault" | "none";

/**
 * Whether the place can be used.
 */
export type VaultState = "open" | "locked" | "new";

/**
 * Where secrets live, said plainly.
 */
export type VaultStatus = { 
/**
 * Where.
 */
place: VaultPlace, 
/**
 * Whether it can be used.
 */
state: VaultState, 
/**
 * The same in a sentence, with the reason.
 */
detail: string, };

/**
 * Texts of licences, by their numbers.
 */
export type WantedTexts = { numbers: Array<number>, };

/**
 * What the window wrote into a terminal by itself, when its line was lost. It belongs to what is shown again.
 */
export type WrittenText = { terminal: Id, text: string, };
