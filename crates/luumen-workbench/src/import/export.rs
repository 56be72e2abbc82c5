//! Writes hosts for elsewhere: a table, or Luumen's own form. No form holds a secret. Pure.

use super::{FoundHost, own};
use crate::hosts::Environment;

pub(super) fn own(hosts: &[FoundHost]) -> String {
    own::write(hosts)
}

/// A table that [`super::table`] reads back.
pub(super) fn table(hosts: &[FoundHost]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "name",
        "address",
        "user",
        "port",
        "group",
        "tags",
        "note",
        "key_file",
        "jump",
        "environment",
        "proxy",
    ])?;
    for host in hosts {
        let port = host.port.map(|port| port.to_string()).unwrap_or_default();
        let environment = match host.settings.environment {
            Some(Environment::Production) => "production",
            Some(Environment::Staging) => "staging",
            Some(Environment::Development) => "development",
            Some(Environment::None) => "none",
            None => "",
        };
        let (group, tags) = (host.group.join("/"), host.tags.join(";"));
        let jump = host.jump.clone().unwrap_or_default().join(";");
        let row = [
            &host.name,
            &host.address,
            text(host.user.as_ref()),
            &port,
            &group,
            &tags,
            text(host.note.as_ref()),
            text(host.key_file.as_ref()),
            &jump,
            environment,
            text(host.settings.proxy.as_ref()),
        ];
        writer.write_record(row.map(harmless))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn text(value: Option<&String>) -> &str {
    value.map_or("", String::as_str)
}

/// A cell that begins like a formula is run by spreadsheets; a blank in front stops that and is trimmed on the way back.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t']) {
        format!(" {cell}")
    } else {
        cell.to_owned()
    }
}
