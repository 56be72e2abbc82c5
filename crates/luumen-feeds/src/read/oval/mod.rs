//! OVAL: definitions with trees of tests, the tests resolved to what they look at. Says nothing of what a test means for a host.
//!
//! A document lists its definitions before the tests, objects and states that they name, so it is walked twice: once for the [`Tables`],
//! once for the definitions, which are handed on one at a time. Publishers' readers ask [`Criteria::leaves`] for the tests that are about a
//! package, each with the conditions that must hold beside it, and look up what is tested in the tables.

mod definition;
mod place;
mod rpm;
mod tables;

pub(in crate::read) use definition::{Criterion, Definition, Leaf};
pub(in crate::read) use rpm::{read_alma, read_oracle, read_redhat, read_suse};
pub(in crate::read) use tables::Tables;

use super::{Problem, ReadError, Sink, markup};

/// Reads an OVAL document: hands every definition, with the tables of the document, to `each`. A definition that cannot be read is a problem.
pub(in crate::read) fn read(
    bytes: &[u8],
    sink: &mut dyn Sink,
    each: &mut dyn FnMut(&Tables, Definition, &mut dyn Sink),
) -> Result<(), ReadError> {
    let tables = Tables::read(bytes)?;
    markup::elements(bytes, &|name| name == "definition", &mut |element| {
        let id = element.attribute("id").unwrap_or("a definition without id");
        match Definition::of(&element) {
            Ok(definition) => each(&tables, definition, sink),
            Err(what) => sink.problem(Problem {
                entry: id.to_owned(),
                what,
            }),
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests;
