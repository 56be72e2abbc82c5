//! Writes the browser's side of the contract: one TypeScript file out of the registry's types.

use std::{
    any::TypeId,
    collections::{BTreeMap, BTreeSet},
};

use ts_rs::{Config, TS, TypeVisitor};

use super::{Event, Id, Problem, Registry, Time, registry::TypeOf};

const HEAD: &str = "\
// Written by `cargo xtask generate` out of crates/luumen-workbench; do not edit.
// What the window may ask of the workbench, what it answers, and what it tells by itself.
import type { TypedSecret } from \"./typed\";
";

/// Types met on the way, each once.
pub(super) struct Gathered {
    config: Config,
    seen: BTreeSet<TypeId>,
    /// By name, so that the file does not depend on the order of rooms.
    declared: BTreeMap<String, String>,
    /// Names that two types share.
    clashes: Vec<String>,
}

/// Declares a type and all that it is made of.
pub(super) fn gather<T: TS + 'static + ?Sized>(gathered: &mut Gathered) {
    if !gathered.seen.insert(TypeId::of::<T>()) {
        return;
    }
    // Only types of ours have a file of their own; numbers, lists and options are written in place.
    if T::output_path().is_some() {
        let docs = T::docs().unwrap_or_default();
        let declared = format!("{docs}export {}\n", T::decl(&gathered.config));
        let before = gathered
            .declared
            .insert(T::ident(&gathered.config), declared.clone());
        if before.is_some_and(|before| before != declared) {
            gathered.clashes.push(T::ident(&gathered.config));
        }
    }
    T::visit_generics(gathered);
    T::visit_dependencies(gathered);
}

impl TypeVisitor for Gathered {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        gather::<T>(self);
    }
}

impl Registry {
    /// The contract as TypeScript.
    pub fn contract(&self) -> Result<String, ContractError> {
        let mut gathered = Gathered {
            config: Config::new().with_large_int("number"),
            seen: BTreeSet::new(),
            declared: BTreeMap::new(),
            clashes: Vec::new(),
        };
        for known in [
            TypeOf::new::<Event>(),
            TypeOf::new::<Problem>(),
            TypeOf::new::<Id>(),
            TypeOf::new::<Time>(),
        ] {
            (known.gather)(&mut gathered);
        }
        let mut calls = String::new();
        for (name, call) in self.calls() {
            (call.args.gather)(&mut gathered);
            (call.answer.gather)(&mut gathered);
            let args = (call.args.name)(&gathered.config);
            let answer = (call.answer.name)(&gathered.config);
            calls.push_str(&format!("  {name}: {{ args: {args}; answer: {answer} }};\n"));
        }
        if !gathered.clashes.is_empty() {
            return Err(ContractError {
                names: gathered.clashes,
            });
        }
        let types: Vec<String> = gathered.declared.into_values().collect();
        Ok(format!(
            "{HEAD}\n/** Every call: what it needs and what it answers. */\nexport interface Calls {{\n{calls}}}\n\n{}",
            types.join("\n")
        ))
    }
}

/// Two types of the contract have the same name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two types of the contract are named {}", names.join(", "))]
pub struct ContractError {
    /// The names.
    pub names: Vec<String>,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde::{Deserialize, Serialize};

    use super::*;

    /// What is asked.
    #[derive(Deserialize, TS)]
    struct Ask {
        host: Id,
        #[ts(optional)]
        note: Option<String>,
    }

    #[derive(Serialize, TS)]
    struct Told {
        at: Option<Time>,
        bytes: u64,
        more: Vec<Part>,
    }

    #[derive(Serialize, TS)]
    #[serde(rename_all = "snake_case")]
    #[allow(dead_code, reason = "only its shape is told")]
    enum Part {
        OneHalf,
    }

    struct Room;

    impl Room {
        async fn ask(self: Arc<Self>, args: Ask) -> Result<Told, Problem> {
            let note = args.note.unwrap_or_default();
            Err(Problem::new("LUM-TEST", note, args.host.to_string()))
        }
    }

    #[test]
    fn a_call_is_written_with_everything_it_is_made_of() {
        let mut registry = Registry::default();
        registry.call("ask", &Arc::new(Room), Room::ask);
        let contract = registry.contract().expect("no clash");
        for line in [
            "  ask: { args: Ask; answer: Told };",
            "export type Ask = { host: Id, note?: string, };",
            "export type Told = { at: Time | null, bytes: number, more: Array<Part>, };",
            "export type Part = \"one_half\";",
            "export type Id = string;",
            "* What is asked.",
        ] {
            assert!(contract.contains(line), "{line} is missing in\n{contract}");
        }
    }
}
