//! The limits of every request, as its schema states them.
//!
//! Pure: a value in, the fields that are not valid out. The schema in `luumen-api` tells callers the same
//! numbers; `tests/contract.rs` sends what lies beyond them.

mod vulnerabilities;

use luumen_api::{
    FieldError, PageQuery,
    access::{ChangePassword, NewApiKey, RotateApiKey, Setup, SignIn, SignInWithLink, SwitchWorkspace},
    agent::{FinishRun, Heartbeat, MissingQuery, Report, StartRun},
    fleet::{AgentQuery, PackageHostsQuery, PackageQuery, PropertyQuery, RunQuery},
    hosts::{HostQuery, ImportQuery, NewHost, UpdateHost},
    snapshots::{AsOfQuery, DiffQuery},
    views::{NewView, UpdateView, ViewQuery},
    workspace::UpdateWorkspace,
};
use luumen_model::{Outcome, SectionStatus};

/// Can say what is wrong with itself.
pub trait Validate {
    /// The fields that are not valid; none when all is well.
    fn problems(&self) -> Vec<FieldError> {
        let mut faults = Faults::default();
        self.check(&mut faults);
        faults.0
    }

    /// Looks at every field.
    fn check(&self, faults: &mut Faults);
}

/// The faults found so far.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// One line of text of so many characters.
    fn line(&mut self, field: &str, text: &str, min: usize, max: usize) {
        self.length(field, text, min, max);
        if text.chars().any(char::is_control) {
            self.add(field, "must not hold control characters");
        } else if min > 0 && !text.is_empty() && text.trim().is_empty() {
            self.add(field, "must not be blank");
        }
    }

    fn line_if(&mut self, field: &str, text: Option<&String>, min: usize, max: usize) {
        if let Some(text) = text {
            self.line(field, text, min, max);
        }
    }

    /// Text of several lines.
    fn prose_if(&mut self, field: &str, text: Option<&String>, max: usize) {
        let Some(text) = text else { return };
        self.length(field, text, 0, max);
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            self.add(field, "must not hold control characters");
        }
    }

    fn length(&mut self, field: &str, text: &str, min: usize, max: usize) {
        let length = text.chars().count();
        if length < min {
            let message = if min == 1 {
                "must not be empty".to_owned()
            } else {
                format!("needs at least {min} characters")
            };
            self.add(field, message);
        }
        if length > max {
            self.add(field, format!("has {length} characters, {max} are allowed"));
        }
    }

    fn number(&mut self, field: &str, number: i64, min: i64, max: i64) {
        if !(min..=max).contains(&number) {
            let message = if max == i64::MAX {
                format!("must be {min} or more")
            } else {
                format!("must be {min} to {max}")
            };
            self.add(field, message);
        }
    }

    fn number_if(&mut self, field: &str, number: Option<i64>, min: i64, max: i64) {
        if let Some(number) = number {
            self.number(field, number, min, max);
        }
    }

    fn email(&mut self, field: &str, text: &str) {
        self.line(field, text, 0, 320);
        let plausible = text.trim().split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty()
                && !domain.is_empty()
                && !domain.contains('@')
                && !text.trim().contains(char::is_whitespace)
        });
        if !plausible {
            self.add(field, "is not an e-mail address");
        }
    }

    fn tags(&mut self, tags: &[String]) {
        if tags.len() > 50 {
            self.add("tags", format!("has {} tags, 50 are allowed", tags.len()));
        }
        for tag in tags {
            self.line("tags", tag, 1, 100);
        }
    }

    fn address(&mut self, address: &str) {
        self.line("address", address, 1, 253);
        if let Some(message) = address_fault(address) {
            self.add("address", message);
        }
    }

    fn page(&mut self, cursor: Option<&String>, limit: Option<i64>) {
        self.line_if("cursor", cursor, 0, 4000);
        self.number_if("limit", limit, 1, 1000);
    }
}

/// What keeps a text from being a DNS name or an IP address.
pub fn address_fault(address: &str) -> Option<&'static str> {
    if address.parse::<std::net::IpAddr>().is_ok() || address.is_empty() {
        return None;
    }
    if address.starts_with('-') {
        return Some("must not begin with a dash");
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%' | '[' | ']');
    (!address.chars().all(plain)).then_some("is neither a DNS name nor an IP address")
}

/// The shortest password that people may choose.
pub const SHORTEST_PASSWORD: usize = 12;

impl Validate for SignIn {
    fn check(&self, faults: &mut Faults) {
        // Whether it is an address at all is not told here: a wrong one fails to sign in like any other.
        faults.line("email", &self.email, 0, 320);
        faults.length("password", &self.password, 0, 1024);
    }
}

impl Validate for SignInWithLink {
    fn check(&self, faults: &mut Faults) {
        faults.line("token", &self.token, 0, 256);
    }
}

impl Validate for Setup {
    fn check(&self, faults: &mut Faults) {
        faults.line("token", &self.token, 0, 256);
        faults.email("email", &self.email);
        faults.line("name", &self.name, 1, 200);
        faults.length("password", &self.password, SHORTEST_PASSWORD, 1024);
        faults.line("workspace", &self.workspace, 1, 200);
    }
}

impl Validate for SwitchWorkspace {
    fn check(&self, _: &mut Faults) {}
}

impl Validate for ChangePassword {
    fn check(&self, faults: &mut Faults) {
        if let Some(current) = &self.current_password {
            faults.length("current_password", current, 0, 1024);
        }
        faults.length("new_password", &self.new_password, SHORTEST_PASSWORD, 1024);
    }
}

impl Validate for NewApiKey {
    fn check(&self, faults: &mut Faults) {
        faults.line("name", &self.name, 1, 200);
    }
}

impl Validate for RotateApiKey {
    fn check(&self, faults: &mut Faults) {
        faults.number_if("overlap_s", self.overlap_s, 0, 2_592_000);
    }
}

impl Validate for UpdateWorkspace {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("name", self.name.as_ref(), 1, 200);
        faults.number_if("interval_s", self.interval_s, 60, 2_592_000);
        faults.number_if("polling_s", self.polling_s, 5, 86_400);
        faults.line_if("default_credential", self.default_credential.as_ref(), 0, 200);
        faults.line_if("default_username", self.default_username.as_ref(), 0, 200);
        faults.number_if("silence_grace_s", self.silence_grace_s, 0, 86_400);
        faults.number_if("retention_days", self.retention_days, 1, 36_500);
    }
}

impl Validate for NewHost {
    fn check(&self, faults: &mut Faults) {
        faults.line("name", &self.name, 1, 200);
        faults.address(&self.address);
        faults.number_if("port", self.port, 1, 65_535);
        faults.line_if("username", self.username.as_ref(), 0, 200);
        faults.line_if("credential", self.credential.as_ref(), 0, 200);
        faults.tags(&self.tags);
        faults.prose_if("notes", self.notes.as_ref(), 10_000);
    }
}

impl Validate for UpdateHost {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("name", self.name.as_ref(), 1, 200);
        if let Some(address) = &self.address {
            faults.address(address);
        }
        faults.number_if("port", self.port, 1, 65_535);
        faults.line_if("username", self.username.as_ref(), 0, 200);
        faults.line_if("credential", self.credential.as_ref(), 0, 200);
        faults.tags(self.tags.as_deref().unwrap_or_default());
        faults.prose_if("notes", self.notes.as_ref(), 10_000);
    }
}

impl Validate for HostQuery {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("q", self.q.as_ref(), 0, 1000);
        faults.page(self.cursor.as_ref(), self.limit);
    }
}

impl Validate for ImportQuery {
    fn check(&self, _: &mut Faults) {}
}

impl Validate for PageQuery {
    fn check(&self, faults: &mut Faults) {
        faults.page(self.cursor.as_ref(), self.limit);
    }
}

impl Validate for PackageQuery {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("q", self.q.as_ref(), 0, 200);
        faults.page(self.cursor.as_ref(), self.limit);
    }
}

impl Validate for PackageHostsQuery {
    fn check(&self, faults: &mut Faults) {
        faults.line("name", &self.name, 1, 200);
        faults.line_if("version", self.version.as_ref(), 1, 200);
        if self.op.is_some() != self.version.is_some() {
            faults.add(
                if self.op.is_some() { "version" } else { "op" },
                "`op` and `version` come together",
            );
        }
        faults.page(self.cursor.as_ref(), self.limit);
    }
}

impl Validate for AgentQuery {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("q", self.q.as_ref(), 0, 200);
    }
}

impl Validate for RunQuery {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("q", self.q.as_ref(), 0, 200);
        faults.page(self.cursor.as_ref(), self.limit);
    }
}

impl Validate for PropertyQuery {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("q", self.q.as_ref(), 0, 200);
        faults.number_if("limit", self.limit, 1, 200);
    }
}

impl Validate for AsOfQuery {
    fn check(&self, _: &mut Faults) {}
}

impl Validate for DiffQuery {
    fn check(&self, _: &mut Faults) {}
}

impl Validate for ViewQuery {
    fn check(&self, _: &mut Faults) {}
}

impl Validate for NewView {
    fn check(&self, faults: &mut Faults) {
        faults.line("name", &self.name, 1, 100);
        faults.line("search", &self.search, 0, 4000);
    }
}

impl Validate for UpdateView {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("name", self.name.as_ref(), 1, 100);
        faults.line_if("search", self.search.as_ref(), 0, 4000);
    }
}

impl Validate for Heartbeat {
    fn check(&self, faults: &mut Faults) {
        faults.line("agent", &self.agent, 1, 200);
        faults.line("hostname", &self.hostname, 0, 253);
        faults.line("version", &self.version, 0, 100);
        faults.number_if("interval_s", self.interval_s, 60, 2_678_400);
        faults.number_if("polling_s", self.polling_s, 5, 86_400);
    }
}

impl Validate for StartRun {
    fn check(&self, faults: &mut Faults) {
        faults.line("agent", &self.agent, 1, 200);
        faults.number("host_count", self.host_count, 0, i64::MAX);
    }
}

impl Validate for FinishRun {
    fn check(&self, _: &mut Faults) {}
}

impl Validate for MissingQuery {
    fn check(&self, faults: &mut Faults) {
        if self.hashes.len() > 10_000 {
            faults.add(
                "hashes",
                format!("has {} hashes, 10,000 are allowed", self.hashes.len()),
            );
        }
    }
}

impl Validate for Report {
    fn check(&self, faults: &mut Faults) {
        faults.number("duration_ms", self.duration_ms, 0, i64::MAX);
        let has_snapshot = matches!(self.outcome, Outcome::Complete | Outcome::Partial);
        if has_snapshot != self.snapshot.is_some() {
            let message = if has_snapshot {
                "belongs to this outcome"
            } else {
                "does not belong to this outcome"
            };
            faults.add("snapshot", message);
        }
        if matches!(self.outcome, Outcome::Failed | Outcome::Skipped) && self.error.is_none() {
            faults.add("error", "a visit that failed says why");
        }
        if let Some(error) = &self.error {
            faults.line("error.code", &error.code, 1, 100);
            faults.prose_if("error.message", Some(&error.message), 2000);
            faults.prose_if("error.next_step", Some(&error.next_step), 2000);
        }
        if let Some(snapshot) = &self.snapshot {
            check_snapshot(snapshot, faults);
        }
    }
}

fn check_snapshot(snapshot: &luumen_model::Snapshot, faults: &mut Faults) {
    faults.number("snapshot.duration_ms", snapshot.duration_ms, 0, i64::MAX);
    faults.line("snapshot.username", &snapshot.username, 0, 200);
    faults.line("snapshot.collector.name", &snapshot.collector.name, 0, 100);
    faults.line("snapshot.collector.version", &snapshot.collector.version, 0, 100);
    faults.line(
        "snapshot.collector.catalogue",
        &snapshot.collector.catalogue,
        0,
        100,
    );
    for (kind, record) in &snapshot.sections {
        let field = |name: &str| format!("snapshot.sections.{}.{name}", kind.as_str());
        faults.number(&field("duration_ms"), record.duration_ms, 0, i64::MAX);
        if record.data.is_some() && record.hash.is_none() {
            faults.add(&field("hash"), "data comes with its hash");
        }
        if record.status == SectionStatus::Unchanged && record.hash.is_none() {
            faults.add(&field("hash"), "an unchanged section names the hash of its facts");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(host: NewHost, fields: &[&str]) {
        let found: Vec<String> = host.problems().into_iter().map(|fault| fault.field).collect();
        assert_eq!(found, fields, "{host:?}");
    }

    fn host(name: &str, address: &str) -> NewHost {
        NewHost {
            name: name.to_owned(),
            address: address.to_owned(),
            ..NewHost::default()
        }
    }

    #[test]
    fn good_hosts_pass() {
        check(host("web-1", "10.0.0.7"), &[]);
        check(host("web 1 (old)", "web-1.example.com"), &[]);
        check(host("v6", "fe80::1%eth0"), &[]);
        check(
            NewHost {
                port: Some(65_535),
                ..host("a", "b")
            },
            &[],
        );
    }

    #[test]
    fn every_fault_is_named_at_once() {
        check(host("", "a b"), &["name", "address"]);
        check(host("a\u{0}b", "x"), &["name"]);
        check(host("  ", "-oProxyCommand=x"), &["name", "address"]);
        check(
            NewHost {
                port: Some(0),
                tags: vec![String::new()],
                ..host("a", "b")
            },
            &["port", "tags"],
        );
        check(host(&"x".repeat(201), "b"), &["name"]);
    }

    #[test]
    fn a_version_needs_an_operator() {
        let query = PackageHostsQuery {
            name: "a".into(),
            op: None,
            version: Some("1".into()),
            cursor: None,
            limit: None,
        };
        assert_eq!(query.problems()[0].field, "op");
    }
}
