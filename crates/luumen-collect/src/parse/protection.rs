//! What protects the host: kernel settings, access control, audit, crypto policy.

use std::collections::BTreeMap;

use luumen_model::{Apparmor, Audit, CryptoPolicy, MandatoryAccess, Selinux, Sysctl};

use super::{key_values, some_text};
use crate::view::{Notes, View};

pub(super) fn read_sysctl(view: &View<'_>, _notes: &mut Notes) -> Option<Sysctl> {
    let mut values = BTreeMap::new();
    for area in ["kernel", "fs", "vm", "net", "user"] {
        let prefix = format!("/proc/sys/{area}/");
        for (path, lines) in view.files(&prefix, "") {
            let name = path.trim_start_matches("/proc/sys/").replace('/', ".");
            // These name the host or the kernel; `os` and `kernel` tell them.
            if [
                "kernel.hostname",
                "kernel.osrelease",
                "kernel.version",
                "kernel.tainted",
            ]
            .contains(&name.as_str())
            {
                continue;
            }
            let value = lines.join("\n");
            values.insert(name, value.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    (!values.is_empty()).then_some(Sysctl { values })
}

pub(super) fn read_mandatory_access(view: &View<'_>, notes: &mut Notes) -> Option<MandatoryAccess> {
    let lsm = view.first("/sys/kernel/security/lsm");
    let lsm: Vec<String> = lsm
        .map(|line| line.split(',').map(str::to_owned).collect())
        .unwrap_or_default();
    let config: BTreeMap<&str, String> = key_values(view.lines("/etc/selinux/config"))
        .into_iter()
        .collect();
    let enforce = view.first("/sys/fs/selinux/enforce");
    let selinux = (enforce.is_some() || !config.is_empty()).then(|| Selinux {
        mode: match enforce {
            Some("1") => Some("enforcing".to_owned()),
            Some("0") => Some("permissive".to_owned()),
            // The kernel mounts selinuxfs whenever SELinux is on.
            _ => Some("disabled".to_owned()),
        },
        config_mode: config
            .get("SELINUX")
            .and_then(|mode| some_text(&mode.to_lowercase())),
        policy: config.get("SELINUXTYPE").and_then(|policy| some_text(policy)),
    });
    let enabled = view.first("/sys/module/apparmor/parameters/enabled");
    let apparmor = enabled.map(|flag| Apparmor {
        enabled: Some(flag == "Y"),
        profiles: view
            .output("mandatory_access.profiles")
            .map(|text| profiles(text, notes))
            .unwrap_or_default(),
    });
    if enabled != Some("Y") {
        notes.forgive("mandatory_access.profiles");
    }
    (selinux.is_some() || apparmor.is_some() || !lsm.is_empty()).then_some(MandatoryAccess {
        selinux,
        apparmor,
        lsm,
    })
}

/// `/usr/sbin/chronyd (enforce)`.
fn profiles(text: &str, notes: &mut Notes) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match line
            .rsplit_once(" (")
            .and_then(|(name, mode)| Some((name, mode.strip_suffix(')')?)))
        {
            Some((name, mode)) => drop(out.insert(name.to_owned(), mode.to_owned())),
            None => notes.odd(
                "mandatory_access.profiles",
                "not a line of AppArmor's profiles",
                line,
            ),
        }
    }
    out
}

pub(super) fn read_audit(view: &View<'_>, _notes: &mut Notes) -> Option<Audit> {
    let installed = ["/usr/sbin/auditd", "/sbin/auditd"]
        .iter()
        .any(|path| view.exists(path));
    if !view.probe_ran() {
        return None;
    }
    let status = view.output("audit.status").unwrap_or_default();
    let number = |key: &str| {
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))?;
        line.trim().parse::<i64>().ok()
    };
    let rules = view.answer("audit.rules").map(|text| {
        let rules = text
            .lines()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty() && line != "No rules");
        rules.collect::<Vec<_>>()
    });
    let settings: Vec<&str> = view
        .output("audit.settings")
        .unwrap_or_default()
        .lines()
        .collect();
    Some(Audit {
        installed,
        active: number("pid").map(|pid| pid != 0),
        enabled: number("enabled"),
        rules,
        settings: key_values(&settings)
            .into_iter()
            .map(|(key, value)| (key.to_lowercase(), value))
            .collect(),
    })
}

pub(super) fn read_crypto(view: &View<'_>, _notes: &mut Notes) -> Option<CryptoPolicy> {
    let policy = view.first("/etc/crypto-policies/state/current").or_else(|| {
        let lines = view.lines("/etc/crypto-policies/config");
        lines
            .iter()
            .map(|line| line.trim())
            .find(|line| !line.is_empty() && !line.starts_with('#'))
    });
    let openssl = super::applications::versions(view)
        .into_iter()
        .find(|(path, _)| path.ends_with("/openssl"))
        .and_then(|(_, text)| text.lines().next().map(str::to_owned));
    let data = CryptoPolicy {
        fips_enabled: view
            .first("/proc/sys/crypto/fips_enabled")
            .map(|flag| flag == "1"),
        policy: policy.map(str::to_owned),
        openssl_version: openssl,
    };
    Some(data)
}
