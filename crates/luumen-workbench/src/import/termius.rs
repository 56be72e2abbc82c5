//! Termius' exports: its table (Groups, Label, Tags, Hostname/IP, Protocol, Port, Username) or its SSH configuration,
//! which `termius export-ssh-config` writes. Pure apart from files that the latter includes.

use super::{
    Found,
    ssh_config::{self, Asked, Files},
    table,
};

/// Reads either form.
pub(super) fn read(text: &str, name: &str, files: &Files, asked: &Asked) -> Found {
    let head = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let is_config =
        head.trim_start().starts_with('#') || head.trim_start().to_lowercase().starts_with("host ");
    if is_config {
        ssh_config::read(text, name, files, asked)
    } else {
        table::read(text)
    }
}
