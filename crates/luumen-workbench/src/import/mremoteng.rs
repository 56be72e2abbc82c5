//! mRemoteNG's `confCons.xml`. Its passwords are encrypted and are not read. Pure.

use std::collections::BTreeMap;

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use super::{
    Found, FoundHost, ImportProblem,
    text::{port, some},
};

type Attributes = BTreeMap<String, String>;

/// Reads the connections.
pub(super) fn read(text: &str) -> Found {
    let mut found = Found::default();
    let mut reader = Reader::from_str(text);
    // The containers that are open, outermost first.
    let mut above: Vec<Attributes> = Vec::new();
    let mut passwords = false;
    loop {
        let line = line_of(text, reader.buffer_position());
        let (element, closed) = match reader.read_event() {
            Ok(Event::Start(element)) => (element, false),
            Ok(Event::Empty(element)) => (element, true),
            Ok(Event::End(_)) => {
                above.pop();
                continue;
            }
            Ok(Event::Eof) => break,
            Ok(_) => continue,
            Err(error) => {
                let next = "Export the connections from mRemoteNG again.";
                found
                    .problems
                    .push(ImportProblem::new(Some(line), "", error.to_string(), next));
                break;
            }
        };
        let node = attributes(&element);
        if node
            .get("FullFileEncryption")
            .is_some_and(|yes| yes.eq_ignore_ascii_case("true"))
        {
            let next = "Switch off “Encrypt complete connection file” in mRemoteNG, save, and choose the file again.";
            found.problems.push(ImportProblem::new(
                Some(line),
                "",
                "the whole file is encrypted",
                next,
            ));
            return found;
        }
        if node.get("Type").is_some_and(|kind| kind == "Connection") {
            passwords |= node.get("Password").is_some_and(|text| !text.is_empty());
            take(line, &node, &above, &mut found);
        }
        if !closed {
            above.push(node);
        }
    }
    end(passwords, &mut found);
    found
}

/// Says what was left out, and when nothing was found.
fn end(passwords: bool, found: &mut Found) {
    if passwords {
        let next = "Give the hosts a credential after the import.";
        found.problems.push(ImportProblem::new(
            None,
            "passwords",
            "mRemoteNG's passwords are encrypted and are not read",
            next,
        ));
    }
    if found.hosts.is_empty() && found.problems.is_empty() {
        let next = "Choose mRemoteNG's confCons.xml.";
        found.problems.push(ImportProblem::new(
            None,
            "the file",
            "it holds no connection",
            next,
        ));
    }
}

fn line_of(text: &str, at: u64) -> u32 {
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    let before = text.as_bytes()[..at]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count();
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
}

fn attributes(element: &BytesStart<'_>) -> Attributes {
    element
        .attributes()
        .with_checks(false)
        .filter_map(Result::ok)
        .filter_map(|attribute| {
            let key = attribute.key.as_ref().to_owned();
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            Some((key, value.into_owned()))
        })
        .collect()
}

/// A value of a node, or the one that it inherits.
fn value(node: &Attributes, above: &[Attributes], name: &str) -> Option<String> {
    let inherits = |node: &Attributes| {
        node.get(&format!("Inherit{name}"))
            .is_some_and(|yes| yes.eq_ignore_ascii_case("true"))
    };
    let mut node = node;
    let mut above = above.iter().rev();
    while inherits(node) {
        node = above.next()?;
    }
    node.get(name).and_then(|value| some(value))
}

fn take(line: u32, node: &Attributes, above: &[Attributes], found: &mut Found) {
    let name = node.get("Name").cloned().unwrap_or_default();
    let protocol = value(node, above, "Protocol").unwrap_or_default();
    let Some(address) = node.get("Hostname").and_then(|address| some(address)) else {
        found.problems.push(ImportProblem::new(
            Some(line),
            name,
            "it has no host name",
            "Add the host by hand.",
        ));
        return;
    };
    if protocol != "SSH2" {
        let why = format!("its protocol is {protocol}; only SSH (version 2) is taken");
        found.problems.push(ImportProblem::new(
            Some(line),
            name,
            why,
            "Nothing needs to be done.",
        ));
        return;
    }
    let mut host = FoundHost::new(if name.is_empty() { address.clone() } else { name }, address);
    host.user = value(node, above, "Username");
    host.port = value(node, above, "Port").as_deref().and_then(port);
    host.note = value(node, above, "Descr");
    host.group = above
        .iter()
        .filter(|above| above.get("Type").is_some_and(|kind| kind == "Container"))
        .filter_map(|above| above.get("Name").and_then(|name| some(name)))
        .collect();
    host.jump = value(node, above, "SSHTunnelConnectionName").map(|hop| vec![hop]);
    for (field, word) in [
        ("PuttySession", "PuTTY session settings"),
        ("SSHOptions", "SSH options"),
        ("OpeningCommand", "opening command"),
    ] {
        if value(node, above, field).is_some_and(|value| value != "Default Settings") {
            host.unsupported.push(word.to_owned());
        }
    }
    found.hosts.push(host);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_read_with_what_they_inherit() {
        let found = read(
            r#"<?xml version="1.0" encoding="utf-8"?>
<mrng:Connections xmlns:mrng="http://mremoteng.org" Name="Connections" FullFileEncryption="false" Protected="x" ConfVersion="2.6">
  <Node Name="Prod" Type="Container" Username="deploy" Port="2222" Protocol="SSH2">
    <Node Name="Web &amp; mail" Type="Connection" Hostname="10.0.0.1" Protocol="SSH2" Username="x" Port="22" InheritUsername="true" InheritPort="true" Password="c2VjcmV0" PuttySession="Default Settings" />
    <Node Name="desk" Type="Connection" Hostname="10.0.0.2" Protocol="RDP" Port="3389" Password="" />
  </Node>
  <Node Name="db" Type="Connection" Hostname="db" Protocol="SSH2" Username="root" Port="22" SSHTunnelConnectionName="Web &amp; mail" />
</mrng:Connections>"#,
        );
        let told: Vec<_> = found
            .hosts
            .iter()
            .map(|host| {
                (
                    host.name.as_str(),
                    host.group.join("/"),
                    host.user.as_deref(),
                    host.port,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("Web & mail", "Prod".to_owned(), Some("deploy"), Some(2222)),
                ("db", String::new(), Some("root"), Some(22))
            ]
        );
        assert_eq!(
            found.hosts[1].jump.as_deref(),
            Some(["Web & mail".to_owned()].as_slice())
        );
        assert!(
            found
                .problems
                .iter()
                .any(|problem| problem.why.contains("RDP") && problem.line == Some(5))
        );
        assert!(
            found
                .problems
                .iter()
                .any(|problem| problem.why.contains("passwords are encrypted"))
        );
        assert!(!format!("{found:?}").contains("c2VjcmV0"));
    }

    #[test]
    fn an_encrypted_or_torn_file_is_said() {
        assert!(
            read("<Connections FullFileEncryption=\"True\">AAAA</Connections>").problems[0]
                .why
                .contains("encrypted")
        );
        assert!(!read("<Connections><Node Name=\"a\"").problems.is_empty());
        assert!(!read("no xml").problems.is_empty());
    }
}
