//! The agent's own reasons why a host has no snapshot, besides those of the transport.

use luumen_model::VisitError;

/// A stable code and what to do about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reason {
    pub(crate) code: &'static str,
    pub(crate) next_step: &'static str,
}

const fn reason(code: &'static str, next_step: &'static str) -> Reason {
    Reason { code, next_step }
}

pub(crate) const ADDRESS: Reason = reason(
    "LUM-ADDRESS",
    "Correct address and port of the host in the web app.",
);
pub(crate) const NO_CREDENTIAL: Reason = reason(
    "LUM-CREDENTIAL-NONE",
    "Name a credential for the host or a default one for the workspace, or call one of config.yaml \"default\".",
);
pub(crate) const CREDENTIAL_UNKNOWN: Reason = reason(
    "LUM-CREDENTIAL-UNKNOWN",
    "Add it under credentials: in the agent's config.yaml, or name another one.",
);
pub(crate) const CREDENTIAL_UNREADABLE: Reason = reason(
    "LUM-CREDENTIAL-UNREADABLE",
    "Make the file readable for the agent alone and start `luumen-agent check`.",
);
pub(crate) const NO_USERNAME: Reason = reason(
    "LUM-USERNAME-NONE",
    "Name an account for the host, for the credential or as the workspace's default.",
);
pub(crate) const LOGIN_GUARD: Reason = reason(
    "LUM-LOGIN-GUARD",
    "Correct the account or its secret; the next run tries again. Not trying protects the account from a lock-out.",
);
pub(crate) const TIMEOUT: Reason = reason(
    "LUM-TIMEOUT",
    "Look at the load of the host, or raise per_host_timeout_s.",
);
pub(crate) const CANCELLED: Reason = reason("LUM-CANCELLED", "Nothing to do; the next run visits the host.");
pub(crate) const INTERNAL: Reason = reason(
    "LUM-INTERNAL",
    "This is a mistake in the agent: please report it with the agent's log.",
);

/// The error of one host. What comes from outside may hold anything, so control characters go.
pub(crate) fn visit_error(reason: Reason, message: impl Into<String>) -> VisitError {
    VisitError {
        code: reason.code.to_owned(),
        message: tame(&message.into()),
        next_step: reason.next_step.to_owned(),
    }
}

/// One line without control characters, and not endless.
pub(crate) fn tame(text: &str) -> String {
    const MOST_CHARS: usize = 1000;
    let clean = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    clean.take(MOST_CHARS).collect()
}

/// An error with its sources, as one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let said = source.to_string();
        // Some libraries repeat their source; we do not.
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        next = source.source();
    }
    tame(&text)
}
