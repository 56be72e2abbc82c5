//! An Ansible inventory, INI or YAML: hosts, groups, and the variables that say how to connect. Pure.

use std::collections::BTreeMap;

use serde_norway::Value;

use super::{
    Found, FoundHost, ImportProblem, ssh_arguments,
    text::{port, some},
};

type Variables = BTreeMap<String, String>;

/// Hosts and groups, before anything is inherited.
#[derive(Debug, Default)]
struct Inventory {
    /// In the order of the file.
    hosts: Vec<(String, Variables)>,
    groups: Vec<Group>,
    problems: Vec<ImportProblem>,
}

#[derive(Debug, Default)]
struct Group {
    name: String,
    variables: Variables,
    hosts: Vec<String>,
    children: Vec<String>,
}

/// Reads an inventory of either form.
pub(super) fn read(text: &str) -> Found {
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    let is_yaml = first.is_some_and(|line| line == "---" || line.starts_with('{') || line.ends_with(':'));
    let inventory = if is_yaml { from_yaml(text) } else { from_ini(text) };
    let mut found = Found {
        hosts: Vec::new(),
        problems: inventory.problems.clone(),
    };
    for (name, own) in &inventory.hosts {
        take(name, own, &inventory, &mut found);
    }
    if found.hosts.is_empty() && found.problems.is_empty() {
        let next = "Choose an inventory file, such as hosts.ini or hosts.yml.";
        found
            .problems
            .push(ImportProblem::new(None, "the file", "it names no host", next));
    }
    found
}

impl Inventory {
    fn host(&mut self, name: &str) -> &mut Variables {
        let at = self
            .hosts
            .iter()
            .position(|(known, _)| known == name)
            .unwrap_or_else(|| {
                self.hosts.push((name.to_owned(), Variables::new()));
                self.hosts.len() - 1
            });
        &mut self.hosts[at].1
    }

    fn group(&mut self, name: &str) -> &mut Group {
        let at = self
            .groups
            .iter()
            .position(|group| group.name == name)
            .unwrap_or_else(|| {
                self.groups.push(Group {
                    name: name.to_owned(),
                    ..Group::default()
                });
                self.groups.len() - 1
            });
        &mut self.groups[at]
    }

    fn refuse(&mut self, line: Option<u32>, text: &str, why: &str) {
        let next = "Correct the line, or add the host by hand.";
        self.problems.push(ImportProblem::new(line, text, why, next));
    }

    /// The groups from the outermost to one that holds `name`, by the first that does.
    fn way_to(&self, name: &str, holds: fn(&Group) -> &[String], depth: usize) -> Vec<&Group> {
        let holder = self.groups.iter().find(|group| {
            !matches!(group.name.as_str(), "all" | "ungrouped")
                && holds(group).iter().any(|held| held == name)
        });
        match holder {
            Some(group) if depth < 16 => {
                let mut way = self.way_to(&group.name, |group| &group.children, depth + 1);
                way.push(group);
                way
            }
            _ => Vec::new(),
        }
    }

    /// A variable: the host's own, else of its nearest group, else of all.
    fn variable(&self, own: &Variables, way: &[&Group], others: &[&Group], names: &[&str]) -> Option<String> {
        let all = self
            .groups
            .iter()
            .filter(|group| group.name == "all")
            .map(|group| &group.variables);
        let groups = way.iter().rev().chain(others).map(|group| &group.variables);
        let mut places = std::iter::once(own).chain(groups).chain(all);
        places.find_map(|variables| {
            names
                .iter()
                .find_map(|name| variables.get(*name))
                .and_then(|value| some(value))
        })
    }
}

fn take(name: &str, own: &Variables, inventory: &Inventory, found: &mut Found) {
    let way = inventory.way_to(name, |group| &group.hosts, 0);
    let others: Vec<&Group> = inventory
        .groups
        .iter()
        .filter(|group| {
            group.hosts.iter().any(|host| host == name) && !way.iter().any(|on| on.name == group.name)
        })
        .filter(|group| !matches!(group.name.as_str(), "all" | "ungrouped"))
        .collect();
    let get = |names: &[&str]| inventory.variable(own, &way, &others, names);
    let connection = get(&["ansible_connection"]).unwrap_or_default();
    if !matches!(
        connection.as_str(),
        "" | "ssh" | "smart" | "paramiko" | "ansible.netcommon.libssh"
    ) {
        let why = format!("it is reached by {connection}; only SSH is taken");
        found
            .problems
            .push(ImportProblem::new(None, name, why, "Nothing needs to be done."));
        return;
    }
    let address = get(&["ansible_host", "ansible_ssh_host"]).unwrap_or_else(|| name.to_owned());
    let mut host = FoundHost::new(name, address);
    host.user = get(&["ansible_user", "ansible_ssh_user"]);
    host.port = get(&["ansible_port", "ansible_ssh_port"])
        .as_deref()
        .and_then(port);
    host.key_file = get(&["ansible_ssh_private_key_file", "ansible_private_key_file"]);
    host.group = way.iter().map(|group| group.name.clone()).collect();
    host.tags = others.iter().map(|group| group.name.clone()).collect();
    for option in ["ansible_ssh_common_args", "ansible_ssh_extra_args"] {
        if let Some(arguments) = get(&[option]) {
            ssh_arguments::take(&mut host, option, &arguments);
        }
    }
    if get(&["ansible_password", "ansible_ssh_pass"]).is_some() {
        host.unsupported.push("password (not read)".to_owned());
    }
    // Templates are filled in by Ansible; here they would be taken as they stand.
    let templates = [&host.user, &host.key_file, &Some(host.address.clone())];
    if templates.into_iter().flatten().any(|text| text.contains("{{")) {
        host.unsupported.push("values with {{ … }}".to_owned());
        host.user = host.user.filter(|user| !user.contains("{{"));
        host.key_file = host.key_file.filter(|key| !key.contains("{{"));
        if host.address.contains("{{") {
            name.clone_into(&mut host.address);
        }
    }
    found.hosts.push(host);
}

fn from_ini(text: &str) -> Inventory {
    let mut inventory = Inventory::default();
    let (mut section, mut kind) = ("ungrouped".to_owned(), String::new());
    for (number, line) in (1..).zip(text.lines()) {
        let line = uncommented(line);
        if line.is_empty() {
            continue;
        }
        if let Some(head) = line.strip_prefix('[') {
            let Some(head) = head.strip_suffix(']') else {
                inventory.refuse(Some(number), line, "the head of the section is not closed");
                continue;
            };
            let (name, what) = head.split_once(':').unwrap_or((head, ""));
            (section, kind) = (name.trim().to_owned(), what.trim().to_owned());
            inventory.group(&section);
            continue;
        }
        match kind.as_str() {
            "" => ini_host(number, line, &section, &mut inventory),
            "vars" => match line.split_once('=') {
                Some((name, value)) => {
                    let value = unquoted(value);
                    inventory
                        .group(&section)
                        .variables
                        .insert(name.trim().to_owned(), value);
                }
                None => inventory.refuse(Some(number), line, "a variable has no value"),
            },
            "children" => inventory.group(&section).children.push(line.to_owned()),
            other => {
                let why = format!("sections of kind {other:?} are not known");
                inventory.refuse(Some(number), line, &why);
            }
        }
    }
    inventory
}

fn uncommented(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with(['#', ';']) {
        return "";
    }
    line.split_once(" #").map_or(line, |(line, _)| line).trim_end()
}

fn ini_host(number: u32, line: &str, section: &str, inventory: &mut Inventory) {
    let words = words(line);
    let Some((pattern, variables)) = words.split_first() else {
        return;
    };
    let names = match ranges(pattern) {
        Ok(names) => names,
        Err(why) => {
            inventory.refuse(Some(number), line, why);
            return;
        }
    };
    for name in names {
        let (name, port) = match name.rsplit_once(':') {
            Some((name, port)) if port.parse::<u16>().is_ok() && !name.contains(':') => {
                (name.to_owned(), Some(port.to_owned()))
            }
            _ => (name, None),
        };
        let own = inventory.host(&name);
        own.extend(port.map(|port| ("ansible_port".to_owned(), port)));
        for word in variables {
            if let Some((key, value)) = word.split_once('=') {
                own.insert(key.to_owned(), unquoted(value));
            }
        }
        let group = inventory.group(section);
        if !group.hosts.contains(&name) {
            group.hosts.push(name);
        }
    }
}

/// Blanks part words, unless they stand in quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for letter in line.chars() {
        match (letter, quote) {
            (' ' | '\t', None) => words.push(String::new()),
            ('"' | '\'', None) => {
                quote = Some(letter);
                words.last_mut().into_iter().for_each(|word| word.push(letter));
            }
            _ => {
                if quote == Some(letter) {
                    quote = None;
                }
                words.last_mut().into_iter().for_each(|word| word.push(letter));
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)) {
            return inner.to_owned();
        }
    }
    text.to_owned()
}

/// Most hosts that one pattern may stand for.
const MOST: usize = 10_000;

/// `web[01:03].example.com`, `db-[a:c]`, `n[1:9:2]`.
fn ranges(pattern: &str) -> Result<Vec<String>, &'static str> {
    let Some((before, rest)) = pattern.split_once('[') else {
        return Ok(vec![pattern.to_owned()]);
    };
    let Some((range, after)) = rest.split_once(']') else {
        return Err("a range is not closed");
    };
    let mut parts = range.split(':');
    let (Some(first), Some(last)) = (parts.next(), parts.next()) else {
        // `[2001:db8::1]` has too many colons, `[x]` too few: neither is a range.
        return Err("a range is first:last");
    };
    let step: usize = match parts.next().map(str::parse) {
        None => 1,
        Some(Ok(step)) if step > 0 => step,
        Some(_) => return Err("the step of a range is a number"),
    };
    let mut names = Vec::new();
    for middle in steps(first, last, step)? {
        for rest in ranges(after)? {
            names.push(format!("{before}{middle}{rest}"));
        }
        if names.len() > MOST {
            return Err("the range stands for too many hosts");
        }
    }
    Ok(names)
}

fn steps(first: &str, last: &str, step: usize) -> Result<Vec<String>, &'static str> {
    if let (Ok(from), Ok(to)) = (first.parse::<u32>(), last.parse::<u32>()) {
        let width = if first.starts_with('0') { first.len() } else { 0 };
        if usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX) / step > MOST {
            return Err("the range stands for too many hosts");
        }
        return Ok((from..=to)
            .step_by(step)
            .map(|n| format!("{n:0width$}"))
            .collect());
    }
    match (first.as_bytes(), last.as_bytes()) {
        ([from], [to]) if from.is_ascii_alphabetic() && to.is_ascii_alphabetic() => Ok((*from..=*to)
            .step_by(step)
            .map(|letter| char::from(letter).to_string())
            .collect()),
        _ => Err("a range goes from number to number or from letter to letter"),
    }
}

fn from_yaml(text: &str) -> Inventory {
    let mut inventory = Inventory::default();
    match serde_norway::from_str::<Value>(text) {
        Ok(Value::Mapping(groups)) => {
            for (name, group) in &groups {
                yaml_group(&word(name), group, &mut inventory, 0);
            }
        }
        Ok(_) => inventory.refuse(None, "the file", "it is no inventory"),
        Err(error) => {
            let line = error.location().and_then(|at| u32::try_from(at.line()).ok());
            inventory.refuse(line, "", &error.to_string());
        }
    }
    inventory
}

fn yaml_group(name: &str, group: &Value, inventory: &mut Inventory, depth: usize) {
    if depth > 16 {
        inventory.refuse(None, name, "groups nest too deep");
        return;
    }
    inventory.group(name);
    for (variable, value) in entries(group.get("vars")) {
        inventory
            .group(name)
            .variables
            .insert(word(variable), word(value));
    }
    for (pattern, variables) in entries(group.get("hosts")) {
        match ranges(&word(pattern)) {
            Ok(names) => {
                for host in names {
                    let own = inventory.host(&host);
                    own.extend(entries(Some(variables)).map(|(key, value)| (word(key), word(value))));
                    let held = &mut inventory.group(name).hosts;
                    if !held.contains(&host) {
                        held.push(host);
                    }
                }
            }
            Err(why) => inventory.refuse(None, &word(pattern), why),
        }
    }
    for (child, inner) in entries(group.get("children")) {
        let child = word(child);
        inventory.group(name).children.push(child.clone());
        yaml_group(&child, inner, inventory, depth + 1);
    }
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = (&Value, &Value)> {
    value.and_then(Value::as_mapping).into_iter().flatten()
}

/// A scalar as text; what Ansible Vault sealed stays sealed.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(found: &Found) -> Vec<String> {
        let line = |host: &FoundHost| {
            format!(
                "{} {} {} {} [{}] {}",
                host.name,
                host.address,
                host.user.as_deref().unwrap_or("-"),
                host.port.map_or("-".to_owned(), |port| port.to_string()),
                host.group.join("/"),
                host.tags.join(",")
            )
        };
        found
            .hosts
            .iter()
            .map(|host| line(host).trim_end().to_owned())
            .collect()
    }

    #[test]
    fn an_ini_inventory_is_read() {
        let found = read(
            "# ours\nmail ansible_host=10.0.0.9 ansible_user='root'\n\n[web]\nweb[01:02].example.com\nalone:2222 ansible_ssh_private_key_file=~/.ssh/a\n\
             [db]\ndb-[a:b] ansible_port=2200\nweb01.example.com\n[win]\nw1 ansible_connection=winrm\n\
             [prod:children]\nweb\n[prod:vars]\nansible_user=deploy\nansible_ssh_common_args='-o ProxyJump=ann@gw:2222 -q'\n[all:vars]\nansible_user=all\nansible_password=hunter2\n",
        );
        assert_eq!(
            told(&found),
            [
                "mail 10.0.0.9 root - []",
                "web01.example.com web01.example.com deploy - [prod/web] db",
                "web02.example.com web02.example.com deploy - [prod/web]",
                "alone alone deploy 2222 [prod/web]",
                "db-a db-a all 2200 [db]",
                "db-b db-b all 2200 [db]",
            ]
        );
        assert_eq!(
            found.hosts[1].jump.as_deref(),
            Some(["ann@gw:2222".to_owned()].as_slice())
        );
        assert_eq!(found.hosts[3].key_file.as_deref(), Some("~/.ssh/a"));
        assert_eq!(found.hosts[0].unsupported, ["password (not read)"]);
        assert!(found.problems[0].why.contains("winrm"));
        assert!(!format!("{found:?}").contains("hunter2"));
    }

    #[test]
    fn the_way_through_a_bastion_is_not_lost() {
        let ini = "[web]\nweb1\n[web:vars]\nansible_ssh_common_args='-o ProxyCommand=\"ssh -W %h:%p -q ann@gw\"'\n\
             [own]\nweb2 ansible_ssh_common_args='-o ProxyCommand=\"ssh -W %h:%p -q ann@gw\"'\nweb3 ansible_ssh_common_args='-J {{ gw }}'\n";
        let yaml = "all:\n  hosts:\n    web1:\n    web2:\n    web3: {ansible_ssh_common_args: '-J {{ gw }}'}\n  vars:\n    ansible_ssh_common_args: '-o ProxyCommand=\"ssh -W %h:%p -q ann@gw\"'\n";
        for text in [ini, yaml] {
            let found = read(text);
            for host in &found.hosts[..2] {
                assert_eq!(
                    host.jump.as_deref(),
                    Some(["ann@gw".to_owned()].as_slice()),
                    "{host:?}"
                );
            }
            let lost = &found.hosts[2];
            assert_eq!(lost.jump, None);
            assert_eq!(lost.unsupported, ["ansible_ssh_common_args -J {{ gw }}"]);
            assert_eq!(lost.warnings.len(), 1);
        }
    }

    #[test]
    fn a_yaml_inventory_is_read() {
        let found = read(
            "all:\n  vars:\n    ansible_user: all\n  hosts:\n    mail:\n      ansible_host: 10.0.0.9\n  children:\n    prod:\n      vars: {ansible_user: deploy}\n      children:\n        web:\n          hosts:\n            web[1:2]:\n              ansible_port: 2222\n              ansible_user: \"{{ x }}\"\n",
        );
        assert_eq!(
            told(&found),
            [
                "mail 10.0.0.9 all - []",
                "web1 web1 - 2222 [prod/web]",
                "web2 web2 - 2222 [prod/web]"
            ]
        );
    }

    #[test]
    fn odd_ranges_are_refused() {
        for pattern in ["a[", "a[1]", "a[1:99999999]", "a[x:1]", "a[1:2:0]"] {
            assert!(ranges(pattern).is_err(), "{pattern}");
        }
        assert_eq!(
            ranges("n[1:5:2]"),
            Ok(vec!["n1".to_owned(), "n3".to_owned(), "n5".to_owned()])
        );
        assert!(!read("[web\nx\n").problems.is_empty());
        assert!(!read("---\n: [").problems.is_empty());
    }
}
