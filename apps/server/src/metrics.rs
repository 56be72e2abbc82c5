//! Counts requests, and writes numbers in the text format that Prometheus reads.
//!
//! What is counted here is this replica's own; what is true of the fleet comes from the store each time
//! it is asked for (`routes::health`).

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
};

use http::{Method, StatusCode};

/// Requests by method, route and status.
#[derive(Debug, Default)]
pub struct Counters {
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
}

impl Counters {
    /// Counts one request. `route` is the pattern, never the path: a scanner must not fill the memory.
    pub fn count(&self, method: &Method, route: &str, status: StatusCode) {
        let method = if is_usual(method) {
            method.as_str()
        } else {
            "other"
        };
        let key = (method.to_owned(), route.to_owned(), status.as_u16());
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry(key).or_default() += 1;
    }

    /// Adds what was counted to a page.
    pub fn write(&self, page: &mut Page) {
        let requests = self
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        page.family(
            "luumen_http_requests_total",
            "counter",
            "Requests answered by this replica",
        );
        for ((method, route, status), count) in requests {
            let status = status.to_string();
            page.sample(
                &[("method", &method), ("route", &route), ("status", &status)],
                count,
            );
        }
    }
}

fn is_usual(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE
    )
}

/// A page in Prometheus' text format.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
    family: &'static str,
}

impl Page {
    /// Begins a family of samples.
    pub fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.family = name;
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// One sample of the family.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", escape(value)))
            .collect();
        let labels = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{}}}", labels.join(","))
        };
        let _ = writeln!(self.text, "{}{labels} {value}", self.family);
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.text
    }
}

fn escape(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_prometheus_reads() {
        let mut page = Page::default();
        page.family("luumen_hosts", "gauge", "Hosts by state");
        page.sample(&[("workspace", "a \"b\"\n\\"), ("state", "ok")], 3);
        page.family("luumen_up", "gauge", "Up");
        page.sample(&[], 1);
        let expected = "# HELP luumen_hosts Hosts by state\n# TYPE luumen_hosts gauge\n\
                        luumen_hosts{workspace=\"a \\\"b\\\"\\n\\\\\",state=\"ok\"} 3\n\
                        # HELP luumen_up Up\n# TYPE luumen_up gauge\nluumen_up 1\n";
        assert_eq!(page.into_text(), expected);
    }
}
