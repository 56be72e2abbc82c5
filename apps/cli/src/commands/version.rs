//! `luumen version`: puts lines to a version order and prints those that do not hold.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
};

use luumen_workbench::{Scheme, check_line};

use super::{COMPLETE, USAGE};
use crate::{args::Version, terminal};

/// Runs it, and answers the exit code: 1 when any line does not hold.
pub(crate) fn main(args: &Version) -> u8 {
    let scheme: Scheme = match args.scheme.parse() {
        Ok(scheme) => scheme,
        Err(error) => {
            let known: Vec<&str> = Scheme::ALL.iter().map(|scheme| scheme.as_str()).collect();
            terminal::trouble(&error.to_string(), &format!("Known are {}.", known.join(", ")));
            return USAGE;
        }
    };
    let mut held = true;
    if args.files.is_empty() {
        held = check("standard input", io::stdin().lock(), scheme);
    }
    for path in &args.files {
        let name = path.display().to_string();
        held &= match File::open(path) {
            Ok(file) => check(&name, BufReader::new(file), scheme),
            Err(error) => {
                terminal::trouble(&format!("{name} cannot be read: {error}"), "");
                false
            }
        };
    }
    if held { COMPLETE } else { USAGE }
}

fn check(name: &str, lines: impl BufRead, scheme: Scheme) -> bool {
    let mut held = true;
    for (at, line) in lines.split(b'\n').enumerate() {
        let line = match line {
            Ok(line) => String::from_utf8_lossy(&line).into_owned(),
            Err(error) => {
                terminal::trouble(&format!("{name} cannot be read further: {error}"), "");
                return false;
            }
        };
        if line.trim().is_empty() {
            continue;
        }
        if let Err(broken) = check_line(scheme, &line) {
            held = false;
            if let Err(unwritten) = terminal::print(&format!("{name}:{}: {broken}", at + 1)) {
                terminal::trouble(&unwritten.to_string(), "");
                return held;
            }
        }
    }
    held
}
