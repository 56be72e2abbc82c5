// Written by `cargo xtask generate` out of crates/luumen-workbench; do not edit.
// What the window may ask of the workbench, what it answers, and what it tells by itself.

/** Every call: what it needs and what it answers. */
export interface Calls {
  about: { args: NoArgs; answer: About };
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
 * Where hosts, preferences and scans are kept.
 */
data_dir: string, };

/**
 * Lists that change.
 */
export type Changed = "hosts" | "credentials" | "keys" | "preferences" | "logs" | "vault" | "scans";

/**
 * Something happened.
 */
export type Event = { "event": "changed", 
/**
 * Which list.
 */
what: Changed, } | { "event": "notice", 
/**
 * How loud.
 */
level: NoticeLevel, 
/**
 * What.
 */
problem: Problem, };

/**
 * A UUID v7 of whatever the workbench keeps: a host, a session, a transfer.
 */
export type Id = string;

/**
 * A call that needs nothing.
 */
export type NoArgs = Record<string, never>;

/**
 * How loud a notice is.
 */
export type NoticeLevel = "info" | "warning" | "error";

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
 * A moment: RFC 3339, UTC, milliseconds.
 */
export type Time = string;
