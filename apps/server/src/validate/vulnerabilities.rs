//! The limits of questions about vulnerabilities, and of exceptions.

use luumen_api::{
    exceptions::{ExceptionQuery, NewException, UpdateException},
    feeds::ImportQuery,
    vulnerabilities::{
        ExportQuery, FindingEventQuery, FindingHostsQuery, FindingQuery, FixQuery, HostFindingsQuery,
        TrendQuery,
    },
};

use super::{Faults, Validate};

/// The severities that can be asked for.
const SEVERITIES: [&str; 6] = ["critical", "high", "medium", "low", "none", "unknown"];

impl Faults {
    /// Severities, separated by commas.
    fn severities_if(&mut self, field: &str, list: Option<&String>) {
        let Some(list) = list else { return };
        self.length(field, list, 0, 100);
        for word in list.split(',') {
            if !SEVERITIES.contains(&word) {
                let known = SEVERITIES.join(", ");
                self.add(field, format!("{word:?} is not a severity; known are {known}"));
            }
        }
    }
}

impl Validate for FindingQuery {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("q", self.q.as_ref(), 0, 200);
        faults.severities_if("severity", self.severity.as_ref());
        // Written so that a number that is none fails too.
        if self.epss_min.is_some_and(|least| !(0.0..=1.0).contains(&least)) {
            faults.add("epss_min", "must be 0 to 1");
        }
        faults.line_if("package", self.package.as_ref(), 1, 200);
        faults.line_if("os", self.os.as_ref(), 1, 100);
        faults.line_if("tag", self.tag.as_ref(), 1, 100);
        faults.page(self.cursor.as_ref(), self.limit);
    }
}

impl Validate for ImportQuery {
    fn check(&self, _faults: &mut Faults) {}
}

impl Validate for FindingHostsQuery {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("package", self.package.as_ref(), 1, 200);
        faults.line_if("q", self.q.as_ref(), 0, 200);
        faults.page(self.cursor.as_ref(), self.limit);
    }
}

impl Validate for HostFindingsQuery {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("q", self.q.as_ref(), 0, 200);
        faults.severities_if("severity", self.severity.as_ref());
        faults.page(self.cursor.as_ref(), self.limit);
    }
}

impl Validate for FixQuery {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("q", self.q.as_ref(), 0, 200);
        faults.severities_if("severity", self.severity.as_ref());
        faults.line_if("os", self.os.as_ref(), 1, 100);
        faults.line_if("tag", self.tag.as_ref(), 1, 100);
        faults.page(self.cursor.as_ref(), self.limit);
    }
}

impl Validate for ExportQuery {
    fn check(&self, _: &mut Faults) {}
}

impl Validate for TrendQuery {
    fn check(&self, faults: &mut Faults) {
        faults.number_if("days", self.days, 1, 366);
    }
}

impl Validate for FindingEventQuery {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("vulnerability", self.vulnerability.as_ref(), 1, 100);
        faults.line_if("package", self.package.as_ref(), 1, 200);
        faults.page(self.cursor.as_ref(), self.limit);
    }
}

impl Validate for ExceptionQuery {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("vulnerability", self.vulnerability.as_ref(), 1, 100);
        faults.line_if("package", self.package.as_ref(), 1, 200);
        faults.page(self.cursor.as_ref(), self.limit);
    }
}

impl Validate for NewException {
    fn check(&self, faults: &mut Faults) {
        faults.line_if("vulnerability", self.vulnerability.as_ref(), 1, 100);
        faults.line_if("package", self.package.as_ref(), 1, 200);
        if self.vulnerability.is_none() && self.package.is_none() {
            faults.add("vulnerability", "names a vulnerability, a package, or both");
        }
        faults.line_if("tag", self.tag.as_ref(), 1, 100);
        if self.tag.is_some() && self.host.is_some() {
            faults.add("host", "comes with no tag: one host, or all hosts of a tag");
        }
        faults.length("reason", self.reason.trim(), 1, 2000);
        faults.prose_if("reason", Some(&self.reason), 2000);
        faults.line_if("owner", self.owner.as_ref(), 0, 200);
        faults.line_if("ticket", self.ticket.as_ref(), 0, 500);
    }
}

impl Validate for UpdateException {
    fn check(&self, faults: &mut Faults) {
        if let Some(reason) = &self.reason {
            faults.length("reason", reason.trim(), 1, 2000);
        }
        faults.prose_if("reason", self.reason.as_ref(), 2000);
        faults.line_if("owner", self.owner.as_ref(), 0, 200);
        faults.line_if("ticket", self.ticket.as_ref(), 0, 500);
        if self.expires_at.is_some() && self.never_expires == Some(true) {
            faults.add("never_expires", "does not go with `expires_at`");
        }
    }
}
