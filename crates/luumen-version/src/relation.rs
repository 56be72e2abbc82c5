//! Puts claims like "1.0~rc1 is older than 1.0" to a scheme, line by line, for the command line.

use std::cmp::Ordering;

use crate::Scheme;

/// Why a line does not stand.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The line is not three columns with a known sign in the middle.
    #[error("{line:?} is not a version, one of < = >, and a version, with tabs between them")]
    Form {
        /// The line as given.
        line: String,
    },
    /// A text is no version of the scheme, so nothing is known of the pair.
    #[error("{text:?} cannot be read as a {scheme} version; unknown whether {a:?} {claimed} {b:?}")]
    Unreadable {
        /// The rules that were asked.
        scheme: Scheme,
        /// The first text that cannot be read.
        text: String,
        /// The left side.
        a: String,
        /// The sign in the line.
        claimed: char,
        /// The right side.
        b: String,
    },
    /// Both sides can be read, and the order is another one.
    #[error("{scheme} does not order {a:?} {claimed} {b:?} but {a:?} {found} {b:?}")]
    Untrue {
        /// The rules that were asked.
        scheme: Scheme,
        /// The left side.
        a: String,
        /// The sign in the line.
        claimed: char,
        /// The sign that holds.
        found: char,
        /// The right side.
        b: String,
    },
}

/// Checks one line `a<TAB>op<TAB>b` with `<`, `=` or `>` as op; an end of line behind it is ignored.
///
/// # Errors
/// [`Broken`] with both texts when the relation does not hold or cannot be known.
pub fn check_line(scheme: Scheme, line: &str) -> Result<(), Broken> {
    let line = line.trim_end_matches(['\r', '\n']);
    let malformed = || Broken::Form {
        line: line.to_owned(),
    };
    let mut columns = line.split('\t');
    let (Some(a), Some(claimed), Some(b), None) =
        (columns.next(), columns.next(), columns.next(), columns.next())
    else {
        return Err(malformed());
    };
    let claimed = [Ordering::Less, Ordering::Equal, Ordering::Greater]
        .map(sign)
        .into_iter()
        .find(|sign| claimed.chars().eq([*sign]))
        .ok_or_else(malformed)?;
    let (owned_a, owned_b) = (a.to_owned(), b.to_owned());
    match scheme.compare(a, b).map(sign) {
        Some(found) if found == claimed => Ok(()),
        Some(found) => Err(Broken::Untrue {
            scheme,
            a: owned_a,
            claimed,
            found,
            b: owned_b,
        }),
        None => Err(Broken::Unreadable {
            scheme,
            text: if scheme.is_valid(a) { b } else { a }.to_owned(),
            a: owned_a,
            claimed,
            b: owned_b,
        }),
    }
}

fn sign(order: Ordering) -> char {
    match order {
        Ordering::Less => '<',
        Ordering::Equal => '=',
        Ordering::Greater => '>',
    }
}
