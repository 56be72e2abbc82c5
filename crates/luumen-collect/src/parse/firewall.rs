//! Which firewall is there, and what it lets through.

use luumen_model::{Firewall, FirewallTool};

use super::key_values;
use crate::view::{Notes, View};

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<Firewall> {
    let mut tools: Vec<FirewallTool> = [
        nftables(view),
        iptables(view, "iptables"),
        iptables(view, "ip6tables"),
        firewalld(view, notes),
        ufw(view),
    ]
    .into_iter()
    .flatten()
    .collect();
    tools.sort_by(|a, b| a.name.cmp(&b.name));
    let filters = ["nftables", "iptables", "ip6tables"];
    let known = |tool: &&FirewallTool| filters.contains(&tool.name.as_str());
    let active = if tools.iter().filter(known).any(|tool| tool.active == Some(true)) {
        Some(true)
    } else if unloaded(view)
        || tools.iter().filter(known).all(|tool| tool.active == Some(false))
            && tools.iter().any(|t| known(&t))
    {
        Some(false)
    } else {
        None
    };
    view.probe_ran().then_some(Firewall { tools, active })
}

/// True when the kernel has its modules listed and no packet filter among them, nor built in.
fn unloaded(view: &View<'_>) -> bool {
    let built_in = view.output("firewall.built_in").map(str::trim);
    if built_in != Some("0") {
        return false;
    }
    let modules = view.lines("/proc/modules");
    let filter = |line: &str| {
        ["nf_tables ", "ip_tables ", "ip6_tables ", "x_tables "]
            .iter()
            .any(|name| line.starts_with(name))
    };
    !modules.is_empty() && !modules.iter().any(|line| filter(line))
}

fn nftables(view: &View<'_>) -> Option<FirewallTool> {
    let rules = view.answer("firewall.nft");
    if rules.is_none() && !view.exists("/usr/sbin/nft") && !view.exists("/sbin/nft") {
        return None;
    }
    let rules: Option<Vec<String>> = rules.map(|text| {
        text.lines()
            .map(|line| line.trim_end().to_owned())
            .filter(|line| !line.is_empty())
            .collect()
    });
    let policy = |hook: &str| {
        let lines = rules.iter().flatten();
        let chains =
            lines.filter(|line| line.contains(&format!("hook {hook} ")) && line.contains("type filter"));
        let words = chains.filter_map(|line| line.split("policy ").nth(1)?.split(';').next());
        // Several chains may hang on one hook: the strictest decides.
        words.map(str::to_owned).max_by_key(|word| word == "drop")
    };
    Some(FirewallTool {
        name: "nftables".to_owned(),
        active: rules.as_deref().map(filters_packets),
        default_input: policy("input"),
        default_forward: policy("forward"),
        rules: rules.clone().unwrap_or_default(),
        zones: Vec::new(),
    })
}

/// True when some chain that packets pass holds a rule, or drops what no rule names. Tables and chains alone, as iptables
/// and libvirt leave them behind, let everything through; so does a table that sleeps.
fn filters_packets(rules: &[String]) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let (mut dormant, mut base) = (false, false);
    for line in rules.iter().map(|line| line.trim()) {
        let inside = open.last().copied().unwrap_or_default();
        if line == "}" {
            open.pop();
        } else if inside == "chain" && line.starts_with("type ") && line.contains(" hook ") {
            base = true;
            if line.contains("policy drop") && !dormant {
                return true;
            }
        } else if inside == "chain" && !line.starts_with("comment ") {
            if base && !dormant {
                return true;
            }
            if line.ends_with('{') {
                open.push("rule");
            }
        } else if line.ends_with('{') {
            let word = line.split_whitespace().next().unwrap_or_default();
            dormant &= word != "table";
            base &= word != "chain";
            open.push(word);
        } else if inside == "table" && line.starts_with("flags ") {
            dormant = line.contains("dormant");
        }
    }
    false
}

fn iptables(view: &View<'_>, name: &str) -> Option<FirewallTool> {
    let text = view.answer(&format!("firewall.{name}"));
    if text.is_none() && !view.exists(&format!("/usr/sbin/{name}")) && !view.exists(&format!("/sbin/{name}"))
    {
        return None;
    }
    // Comments hold the time, policies hold counters: both change by themselves.
    let rules: Vec<String> = text
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(" [").next().unwrap_or(line).trim().to_owned())
        .collect();
    let policy = |chain: &str| policy_of(&rules, chain);
    let has_rules = rules.iter().any(|line| line.starts_with("-A "))
        || [policy("INPUT"), policy("FORWARD")]
            .iter()
            .flatten()
            .any(|policy| policy == "drop");
    Some(FirewallTool {
        name: name.to_owned(),
        // That a table is loaded says nothing of what is in it: listing it loads it.
        active: text.map(|_| has_rules),
        default_input: policy("INPUT"),
        default_forward: policy("FORWARD"),
        rules,
        zones: Vec::new(),
    })
}

/// What becomes of a packet that no rule of a chain names: `:INPUT DROP` of the table `*filter`. Other tables have chains of
/// that name, too, and let everything through.
fn policy_of(rules: &[String], chain: &str) -> Option<String> {
    let filter = rules.iter().skip_while(|line| *line != "*filter").skip(1);
    let line = filter
        .take_while(|line| *line != "COMMIT" && !line.starts_with('*'))
        .find_map(|line| line.strip_prefix(&format!(":{chain} ")))?;
    Some(line.trim().to_lowercase())
}

fn firewalld(view: &View<'_>, notes: &mut Notes) -> Option<FirewallTool> {
    if !view.exists("/usr/bin/firewall-cmd") {
        return None;
    }
    let text = view.output("firewall.firewalld");
    let mut zones: Vec<String> = text
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.starts_with(char::is_whitespace) && !line.is_empty())
        .map(|line| line.split_whitespace().next().unwrap_or(line).to_owned())
        .collect();
    zones.sort();
    let runs = view
        .programs(notes)
        .map(|programs| programs.contains("firewalld"));
    Some(FirewallTool {
        name: "firewalld".to_owned(),
        active: runs,
        zones,
        ..FirewallTool::default()
    })
}

fn ufw(view: &View<'_>) -> Option<FirewallTool> {
    if !view.exists("/usr/sbin/ufw") {
        return None;
    }
    let settings = key_values(view.lines("/etc/ufw/ufw.conf"));
    let enabled = settings
        .iter()
        .find(|(key, _)| *key == "ENABLED")
        .map(|(_, value)| value == "yes");
    Some(FirewallTool {
        name: "ufw".to_owned(),
        active: enabled,
        ..FirewallTool::default()
    })
}

#[cfg(test)]
mod tests {
    use super::{filters_packets, policy_of};

    #[test]
    fn a_policy_is_that_of_the_table_that_filters() {
        let saved = "*mangle\n:PREROUTING ACCEPT\n:INPUT ACCEPT\n:FORWARD ACCEPT\nCOMMIT\n\
                     *filter\n:INPUT DROP\n:FORWARD DROP\n:OUTPUT ACCEPT\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n\
                     *nat\n:INPUT ACCEPT\n:POSTROUTING ACCEPT\nCOMMIT";
        let rules: Vec<String> = saved.lines().map(str::to_owned).collect();
        assert_eq!(policy_of(&rules, "INPUT").as_deref(), Some("drop"));
        assert_eq!(policy_of(&rules, "FORWARD").as_deref(), Some("drop"));
        assert_eq!(policy_of(&rules, "POSTROUTING"), None);
        assert_eq!(policy_of(&rules[..5], "INPUT"), None, "there is no such table");
        assert_eq!(policy_of(&[], "INPUT"), None);
    }

    #[track_caller]
    fn check(rules: &str, expected: bool) {
        let lines: Vec<String> = rules.lines().map(str::to_owned).collect();
        assert_eq!(filters_packets(&lines), expected, "{rules}");
    }

    #[test]
    fn empty_chains_are_no_firewall() {
        check("", false);
        check("table inet filter {\n}", false);
        let empty = "table inet filter {\n\tset known {\n\t\ttype ipv4_addr\n\t\telements = { 192.0.2.1 }\n\t}\n\
                     \tchain input {\n\t\ttype filter hook input priority filter; policy accept;\n\t}\n\
                     \tchain forward {\n\t\ttype filter hook forward priority filter; policy accept;\n\t}\n}";
        check(empty, false);
        // A chain that nothing leads to.
        check(
            &empty.replace(
                "\tchain forward {",
                "\tchain spare {\n\t\ttcp dport 22 accept\n\t}\n\tchain forward {",
            ),
            false,
        );
        check(&empty.replacen("policy accept", "policy drop", 1), true);
        let ruled = empty.replacen("policy accept;", "policy accept;\n\t\ttcp dport 23 drop", 1);
        check(&ruled, true);
        check(
            &ruled.replace("filter {\n\tset", "filter {\n\tflags dormant\n\tset"),
            false,
        );
    }
}
