// What a person writes into the form of an exception, and what the server is told.
import type { Exception, ExceptionKind, NewException, UpdateException } from "@luumen/api-client";

export type Scope = "all" | "tag" | "host";

export interface ExceptionFields {
  vulnerability: string;
  package: string;
  scope: Scope;
  tag: string;
  host: string | null;
  kind: ExceptionKind;
  reason: string;
  owner: string;
  ticket: string;
  /** YYYY-MM-DD, the last day it holds; empty for never. */
  expires: string;
}

const USUAL_DAYS = 90;
const DAY_MS = 86_400_000;

/** A day in the reader's own time zone, as date fields write it. */
export function dayOf(moment: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** An empty form: a risk that is accepted for three months, on all hosts. */
export function newFields(now: Date, about: { vulnerability?: string; package?: string } = {}): ExceptionFields {
  return {
    vulnerability: about.vulnerability ?? "",
    package: about.package ?? "",
    scope: "all",
    tag: "",
    host: null,
    kind: "risk_accepted",
    reason: "",
    owner: "",
    ticket: "",
    expires: dayOf(new Date(now.getTime() + USUAL_DAYS * DAY_MS)),
  };
}

export function fieldsOf(exception: Exception): ExceptionFields {
  return {
    vulnerability: exception.vulnerability ?? "",
    package: exception.package ?? "",
    scope: exception.host ? "host" : exception.tag ? "tag" : "all",
    tag: exception.tag ?? "",
    host: exception.host?.id ?? null,
    kind: exception.kind,
    reason: exception.reason,
    owner: exception.owner ?? "",
    ticket: exception.ticket ?? "",
    expires: exception.expires_at ? dayOf(new Date(exception.expires_at)) : "",
  };
}

/** The last moment of a day where the reader is. */
function endOf(day: string): string {
  return new Date(`${day}T23:59:59`).toISOString();
}

const given = (text: string) => text.trim() || undefined;

export function creation(fields: ExceptionFields): NewException {
  const { kind, scope, expires } = fields;
  const optional = {
    vulnerability: given(fields.vulnerability),
    package: given(fields.package),
    tag: scope === "tag" ? given(fields.tag) : undefined,
    host: scope === "host" ? (fields.host ?? undefined) : undefined,
    owner: given(fields.owner),
    ticket: given(fields.ticket),
    expires_at: expires ? endOf(expires) : undefined,
  };
  return { kind, reason: fields.reason.trim(), ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) };
}

/**
 * What is new. The day goes along only when it was changed: an exception ends at some moment, and its day again would be another
 * one, later that day for one that was ended now.
 */
export function change({ kind, reason, owner, ticket, expires }: ExceptionFields, before: ExceptionFields): UpdateException {
  return {
    kind,
    reason: reason.trim(),
    owner: owner.trim(),
    ticket: ticket.trim(),
    ...(expires !== before.expires && (expires ? { expires_at: endOf(expires) } : { never_expires: true })),
  };
}

/** What is still missing before the form can be sent; nothing when it can. A day that stood there already may have passed. */
export function missing(fields: ExceptionFields, now: Date, before: ExceptionFields): string | null {
  if (!given(fields.vulnerability) && !given(fields.package)) return "Name a vulnerability, a package, or both";
  if (fields.scope === "tag" && !given(fields.tag)) return "Name the tag";
  if (fields.scope === "host" && !fields.host) return "Choose the host";
  if (!given(fields.reason)) return "Write the reason";
  const chosen = fields.expires !== before.expires;
  if (chosen && fields.expires && fields.expires < dayOf(now)) return "The last day lies in the past";
  return null;
}

type About = Pick<Exception, "vulnerability" | "package" | "tag" | "host">;

/** What it covers, such as `CVE-2022-0778 in openssl on hosts with the tag lab`. */
export function coversWords({ vulnerability, package: name, tag, host }: About): string {
  const what = vulnerability ? `${vulnerability}${name ? ` in ${name}` : " in every package"}` : `everything in ${name ?? "?"}`;
  const where = host ? `on ${host.name}` : tag ? `on hosts with the tag ${tag}` : "on all hosts";
  return `${what} ${where}`;
}

/** Exceptions whose words hold every word that was typed. */
export function findExceptions(exceptions: Exception[], typed: string): Exception[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return exceptions.filter((each) => {
    const text = [coversWords(each), each.reason, each.owner, each.ticket, each.created_by].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
