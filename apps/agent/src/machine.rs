//! What the agent asks its own machine: name, identity and time.

use std::fs;

use luumen_model::Timestamp;

/// The name of this machine.
pub(crate) fn hostname() -> String {
    let kernel = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let variable = || {
        std::env::var("HOSTNAME")
            .or_else(|_| std::env::var("COMPUTERNAME"))
            .ok()
    };
    let name = kernel.or_else(variable).map(|name| name.trim().to_owned());
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| "luumen-agent".to_owned())
}

/// What tells this installation from every other one. It is no secret, and stays the same when the name changes.
pub(crate) fn identity() -> String {
    let files = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
    let read = |file| {
        fs::read_to_string(file)
            .ok()
            .map(|text: String| text.trim().to_owned())
    };
    // An image that was not started yet says "uninitialized", or nothing.
    let id = files.into_iter().filter_map(read).find(|id| id.len() == 32);
    id.unwrap_or_else(hostname)
}

/// The time by this machine's clock.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}
