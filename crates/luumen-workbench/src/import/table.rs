//! A table with a head, with commas, semicolons or tabs between its columns. Pure.

use super::{
    Found, FoundHost, ImportProblem,
    text::{port, some},
};
use crate::hosts::Environment;

/// What a column may be called, in small letters, and what it is.
const COLUMNS: [(&str, Column); 33] = [
    ("name", Column::Name),
    ("label", Column::Name),
    ("alias", Column::Name),
    ("title", Column::Name),
    ("address", Column::Address),
    ("host", Column::Address),
    ("hostname", Column::Address),
    ("hostname/ip", Column::Address),
    ("ip", Column::Address),
    ("ip address", Column::Address),
    ("user", Column::User),
    ("username", Column::User),
    ("login", Column::User),
    ("port", Column::Port),
    ("group", Column::Group),
    ("groups", Column::Group),
    ("folder", Column::Group),
    ("tags", Column::Tags),
    ("tag", Column::Tags),
    ("note", Column::Note),
    ("notes", Column::Note),
    ("comment", Column::Note),
    ("description", Column::Note),
    ("key", Column::Key),
    ("key_file", Column::Key),
    ("identity_file", Column::Key),
    ("jump", Column::Jump),
    ("proxyjump", Column::Jump),
    ("environment", Column::Environment),
    ("proxy", Column::Proxy),
    ("protocol", Column::Protocol),
    ("password", Column::Secret),
    ("passphrase", Column::Secret),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Name,
    Address,
    User,
    Port,
    Group,
    Tags,
    Note,
    Key,
    Jump,
    Environment,
    Proxy,
    Protocol,
    Secret,
    Other,
}

/// Reads a table.
pub(super) fn read(text: &str) -> Found {
    let mut found = Found::default();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let head = match reader.headers() {
        Ok(head) => head.clone(),
        Err(error) => {
            found
                .problems
                .push(ImportProblem::new(Some(1), "", error.to_string(), HEAD));
            return found;
        }
    };
    let columns: Vec<Column> = head.iter().map(column).collect();
    if !columns.contains(&Column::Address) {
        let head: Vec<&str> = head.iter().collect();
        let why = "no column says where the hosts are";
        found
            .problems
            .push(ImportProblem::new(Some(1), head.join(", "), why, HEAD));
        return found;
    }
    name_odd_columns(&head, &columns, &mut found);
    for row in reader.records() {
        match row {
            Ok(row) => take(&row, &columns, &mut found),
            Err(error) => {
                let line = error.position().and_then(|at| u32::try_from(at.line()).ok());
                found.problems.push(ImportProblem::new(
                    line,
                    "",
                    error.to_string(),
                    "Correct the line.",
                ));
            }
        }
    }
    found
}

const HEAD: &str = "Write a first line such as name,address,user,port,group,tags.";

/// Whichever of the three is most often in the first line.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().next().unwrap_or_default();
    let count = |letter: u8| head.bytes().filter(|byte| *byte == letter).count();
    [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|letter| count(*letter))
        .unwrap_or(b',')
}

fn column(name: &str) -> Column {
    let name = name.trim().to_lowercase();
    COLUMNS
        .iter()
        .find(|(known, _)| *known == name)
        .map_or(Column::Other, |(_, column)| *column)
}

fn name_odd_columns(head: &csv::StringRecord, columns: &[Column], found: &mut Found) {
    for (at, (name, column)) in head.iter().zip(columns).enumerate() {
        let is_second = columns.iter().take(at).any(|before| before == column);
        let why = match column {
            Column::Secret => "secrets are not read from tables",
            Column::Other if name.is_empty() => continue,
            Column::Other => "this column is not known",
            _ if is_second => "another column says the same: this one is read only where that one is empty",
            _ => continue,
        };
        let next = "Nothing needs to be done; the other columns are read.";
        found.problems.push(ImportProblem::new(Some(1), name, why, next));
    }
}

fn take(row: &csv::StringRecord, columns: &[Column], found: &mut Found) {
    let get = |wanted: Column| {
        let same = columns.iter().zip(row).filter(|(column, _)| **column == wanted);
        same.filter_map(|(_, cell)| some(cell)).next()
    };
    let line = row.position().and_then(|at| u32::try_from(at.line()).ok());
    let refuse = |found: &mut Found, text: String, why: &str, next: &str| {
        found.problems.push(ImportProblem::new(line, text, why, next));
    };
    let Some(address) = get(Column::Address) else {
        if row.iter().any(|cell| !cell.is_empty()) {
            let name = get(Column::Name).unwrap_or_default();
            refuse(
                found,
                name,
                "the line has no address",
                "Fill in where the host is.",
            );
        }
        return;
    };
    if let Some(protocol) = get(Column::Protocol).filter(|protocol| !protocol.eq_ignore_ascii_case("ssh")) {
        refuse(
            found,
            address,
            &format!("its protocol is {protocol}; only SSH is taken"),
            "Nothing needs to be done.",
        );
        return;
    }
    let mut host = FoundHost::new(get(Column::Name).unwrap_or_else(|| address.clone()), address);
    host.user = get(Column::User);
    if let Some(text) = get(Column::Port) {
        host.port = port(&text);
        if host.port.is_none() {
            refuse(
                found,
                format!("{}: {text}", host.name),
                "this is no port",
                "Correct the port; 22 is used now.",
            );
        }
    }
    if row.iter().skip(columns.len()).any(|cell| !cell.is_empty()) {
        refuse(
            found,
            host.name.clone(),
            "the line has more cells than the first one; those are not read",
            "Put quotes around a cell that holds a comma, semicolon or tab.",
        );
    }
    fill(&mut host, get);
    found.hosts.push(host);
}

/// What a line says besides where the host is and as whom to sign in.
fn fill(host: &mut FoundHost, get: impl Fn(Column) -> Option<String>) {
    host.group = parts(get(Column::Group), &['/', '\\']);
    host.tags = parts(get(Column::Tags), &[',', ';', ' ']);
    host.note = get(Column::Note);
    host.key_file = get(Column::Key);
    host.jump = get(Column::Jump).map(|jump| parts(Some(jump), &[',', ';']));
    host.settings.proxy = get(Column::Proxy);
    if let Some(word) = get(Column::Environment) {
        host.settings.environment = environment(&word);
        if host.settings.environment.is_none() {
            // A production host that is not known as one would have no red frame.
            host.unsupported.push(format!("environment {word}"));
        }
    }
}

fn parts(text: Option<String>, between: &[char]) -> Vec<String> {
    text.iter()
        .flat_map(|text| text.split(between))
        .filter_map(some)
        .collect()
}

/// What a word says a host is for. `test` is a rehearsal to some and a playground to others, so it is not guessed.
fn environment(word: &str) -> Option<Environment> {
    match word.to_lowercase().as_str() {
        "production" | "prod" | "prd" | "live" => Some(Environment::Production),
        "staging" | "stage" | "stg" => Some(Environment::Staging),
        "development" | "develop" | "devel" | "dev" => Some(Environment::Development),
        "none" => Some(Environment::None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_any_delimiter_is_read() {
        for text in [
            "Name,Address,User,Port,Group,Tags,Password\nweb 1,10.0.0.1,root,2222,Prod/Web,\"a;b\",hunter2\n",
            "name;address;user;port;group;tags;password\nweb 1;10.0.0.1;root;2222;Prod\\Web;a,b;hunter2\n",
            "Label\tHostname/IP\tUsername\tPort\tGroups\tTags\tPassword\nweb 1\t10.0.0.1\troot\t2222\tProd/Web\ta b\thunter2\n",
        ] {
            let found = read(text);
            let host = &found.hosts[0];
            assert_eq!(
                (host.name.as_str(), host.address.as_str(), host.port),
                ("web 1", "10.0.0.1", Some(2222))
            );
            assert_eq!(
                (host.group.join("/"), host.tags.join(",")),
                ("Prod/Web".to_owned(), "a,b".to_owned())
            );
            assert_eq!(found.problems[0].why, "secrets are not read from tables");
            assert!(!format!("{found:?}").contains("hunter2"));
        }
    }

    #[test]
    fn what_a_host_is_for_is_understood_or_named() {
        #[track_caller]
        fn check(word: &str, environment: Option<Environment>, unsupported: &[&str]) {
            let found = read(&format!("name,address,environment\nweb,10.0.0.1,{word}\n"));
            let host = &found.hosts[0];
            assert_eq!(host.settings.environment, environment, "{word}");
            assert_eq!(host.unsupported, unsupported, "{word}");
        }
        for word in ["production", "Prod", "PRD", "live"] {
            check(word, Some(Environment::Production), &[]);
        }
        check("stg", Some(Environment::Staging), &[]);
        check("devel", Some(Environment::Development), &[]);
        check("none", Some(Environment::None), &[]);
        check("", None, &[]);
        check("Produktion", None, &["environment Produktion"]);
        check("test", None, &["environment test"]);
    }

    #[test]
    fn of_two_columns_that_say_the_same_the_first_that_is_filled_counts_and_the_other_is_named() {
        let found = read(
            "hostname,ip,notes,description\n,10.0.0.1,,the second\nweb.example.com,10.0.0.2,the first,\n",
        );
        let hosts: Vec<(&str, Option<&str>)> = found
            .hosts
            .iter()
            .map(|host| (host.address.as_str(), host.note.as_deref()))
            .collect();
        assert_eq!(
            hosts,
            [
                ("10.0.0.1", Some("the second")),
                ("web.example.com", Some("the first"))
            ]
        );
        let named: Vec<(&str, &str)> = found
            .problems
            .iter()
            .map(|problem| (problem.text.as_str(), problem.why.as_str()))
            .collect();
        let why = "another column says the same: this one is read only where that one is empty";
        assert_eq!(named, [("ip", why), ("description", why)]);
    }

    #[test]
    fn a_bad_line_costs_only_itself() {
        let found = read("name,address,port\na,10.0.0.1,x\nb,,22\n\nc,10.0.0.3,\n");
        assert_eq!(
            found
                .hosts
                .iter()
                .map(|host| host.name.as_str())
                .collect::<Vec<_>>(),
            ["a", "c"]
        );
        assert_eq!(
            found
                .problems
                .iter()
                .map(|problem| problem.line)
                .collect::<Vec<_>>(),
            [Some(2), Some(3)]
        );
        let more = read("name,address\nweb,10.0.0.1,root\n");
        assert!(
            more.hosts.len() == 1 && more.problems[0].why.contains("more cells"),
            "{more:?}"
        );
        assert!(read("a,b\n1,2\n").problems[0].why.contains("where the hosts are"));
        assert!(read("").hosts.is_empty());
    }
}
