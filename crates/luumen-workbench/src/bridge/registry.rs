//! The list of calls that the workbench answers: name, arguments, answer, handler.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use ts_rs::TS;

use super::{Id, Output, Problem, Terminals};

type Answer = Pin<Box<dyn Future<Output = Result<Value, Problem>> + Send>>;
type Handler = Box<dyn Fn(Value) -> Answer + Send + Sync>;

/// The calls.
#[derive(Default)]
pub struct Registry {
    calls: BTreeMap<&'static str, Call>,
    terminals: Option<Arc<dyn Terminals>>,
    duplicates: Vec<&'static str>,
}

pub(super) struct Call {
    handler: Handler,
    pub(super) args: TypeOf,
    pub(super) answer: TypeOf,
}

/// A type as the browser's side of the contract needs it.
#[derive(Clone, Copy, Debug)]
pub struct TypeOf {
    pub(super) name: fn(&ts_rs::Config) -> String,
    pub(super) gather: fn(&mut super::contract::Gathered),
}

impl TypeOf {
    /// Of a type.
    pub fn new<T: TS + 'static + ?Sized>() -> Self {
        Self {
            name: T::name,
            gather: super::contract::gather::<T>,
        }
    }
}

/// A call that needs nothing.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(type = "Record<string, never>")]
pub struct NoArgs {}

/// Two rooms want to answer the same call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two rooms answer {}", names.join(", "))]
pub struct Duplicate {
    /// The calls.
    pub names: Vec<&'static str>,
}

impl Registry {
    /// Adds a call that `room` answers by `handler`, usually a method: `registry.call("hosts_tree", &hosts, Hosts::tree)`.
    pub fn call<S, A, R, F>(&mut self, name: &'static str, room: &Arc<S>, handler: fn(Arc<S>, A) -> F)
    where
        S: Send + Sync + 'static,
        A: DeserializeOwned + TS + Send + 'static,
        R: Serialize + TS + 'static,
        F: Future<Output = Result<R, Problem>> + Send + 'static,
    {
        let room = Arc::clone(room);
        let answer = move |args: Value| -> Answer {
            let room = Arc::clone(&room);
            let args = read_args::<A>(name, args);
            Box::pin(async move { write_answer(name, &handler(room, args?).await?) })
        };
        let call = Call {
            handler: Box::new(answer),
            args: TypeOf::new::<A>(),
            answer: TypeOf::new::<R>(),
        };
        match self.calls.entry(name) {
            Entry::Vacant(entry) => drop(entry.insert(call)),
            // Noted and not overwritten: opening the workbench says it, by name.
            Entry::Occupied(_) => self.duplicates.push(name),
        }
    }

    /// Names the room that has the terminals.
    pub fn terminals(&mut self, terminals: Arc<dyn Terminals>) {
        if self.terminals.replace(terminals).is_some() {
            self.duplicates.push("attach");
        }
    }

    /// Refuses a registry in which two rooms answer the same.
    pub fn checked(self) -> Result<Self, Duplicate> {
        if self.duplicates.is_empty() {
            Ok(self)
        } else {
            Err(Duplicate {
                names: self.duplicates,
            })
        }
    }

    /// Answers a call.
    pub async fn answer(&self, name: &str, args: Value) -> Result<Value, Problem> {
        let Some(call) = self.calls.get(name) else {
            return Err(Problem::new(
                "LUM-CALL-UNKNOWN",
                "the window asked for something that the workbench does not know",
                format!("no call is named {name:?}"),
            )
            .next("Window and workbench are of different versions: install Luumen again."));
        };
        (call.handler)(args).await
    }

    /// Connects a terminal with a listener.
    pub fn attach(&self, terminal: Id, output: Box<dyn Output>) -> Result<(), Problem> {
        match &self.terminals {
            Some(terminals) => terminals.attach(terminal, output),
            None => Err(Problem::new(
                "LUM-TERMINAL-UNKNOWN",
                "there is no such terminal",
                format!("no terminal has the id {terminal}"),
            )),
        }
    }

    pub(super) fn calls(&self) -> impl Iterator<Item = (&'static str, &Call)> {
        self.calls.iter().map(|(name, call)| (*name, call))
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.calls.keys()).finish()
    }
}

/// Reads the arguments. What was sent is never repeated in the problem: it may hold a secret.
fn read_args<A: DeserializeOwned>(name: &str, args: Value) -> Result<A, Problem> {
    let args = if args.is_null() {
        Value::Object(serde_json::Map::new())
    } else {
        args
    };
    serde_path_to_error::deserialize(args).map_err(|error| {
        let what = match error.inner().classify() {
            // These texts quote the value.
            serde_json::error::Category::Data if quotes_value(error.inner()) => {
                "it has another type".to_owned()
            }
            _ => error.inner().to_string(),
        };
        Problem::new(
            "LUM-CALL-ARGS",
            format!("the window asked {name} in a way that the workbench does not understand"),
            format!("at {}: {what}", error.path()),
        )
        .next("Window and workbench are of different versions: install Luumen again.")
    })
}

fn quotes_value(error: &serde_json::Error) -> bool {
    let text = error.to_string();
    !(text.starts_with("missing field") || text.starts_with("unknown field"))
}

fn write_answer<R: Serialize>(name: &str, answer: &R) -> Result<Value, Problem> {
    serde_json::to_value(answer).map_err(|error| {
        Problem::of(
            "LUM-CALL-ANSWER",
            format!("the answer of {name} could not be written"),
            &error,
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, TS)]
    #[serde(deny_unknown_fields)]
    struct Add {
        left: i32,
        right: i32,
    }

    struct Sums;

    impl Sums {
        async fn add(self: Arc<Self>, args: Add) -> Result<i32, Problem> {
            Ok(args.left + args.right)
        }
    }

    fn registry() -> Registry {
        let mut registry = Registry::default();
        registry.call("add", &Arc::new(Sums), Sums::add);
        registry
    }

    #[tokio::test]
    async fn a_call_is_answered() {
        let answer = registry().answer("add", json!({"left": 1, "right": 2})).await;
        assert_eq!(answer, Ok(json!(3)));
    }

    #[tokio::test]
    async fn what_is_not_understood_is_named_and_its_value_is_not_repeated() {
        for args in [
            json!({"left": "hunter2", "right": 2}),
            json!({"left": 1, "right": 2, "other": "hunter2"}),
            json!("hunter2"),
            json!(null),
        ] {
            let problem = registry().answer("add", args).await.expect_err("not understood");
            assert_eq!(problem.code, "LUM-CALL-ARGS");
            assert!(!problem.to_string().contains("hunter2"), "{problem}");
        }
        let problem = registry().answer("sub", json!({})).await.expect_err("unknown");
        assert_eq!(problem.code, "LUM-CALL-UNKNOWN");
    }

    #[test]
    fn a_call_has_one_room() {
        let mut registry = registry();
        registry.call("add", &Arc::new(Sums), Sums::add);
        let duplicate = registry.checked().expect_err("twice");
        assert_eq!(duplicate.to_string(), "two rooms answer add");
    }
}
