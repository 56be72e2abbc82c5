//! Secrets on their way in: a window covers them, and they are uncovered here, before a room reads its arguments.
//!
//! In the arguments of a call, `{"sender": …, "covered": …}` stands where a text is expected. Tests and programs that can wipe their
//! own memory may send the text itself.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use luumen_crypto::{TypedError, TypedKey};
use rand::{TryRng as _, rngs::SysRng};
use serde::Serialize;
use serde_json::{Map, Value};
use ts_rs::TS;

use super::{NoArgs, Problem, Registry};

/// The key under which this start of the program takes what was typed.
#[derive(Debug)]
pub(crate) struct Typed(TypedKey);

/// The half of the key that a window covers with.
#[derive(Clone, Debug, Serialize, TS)]
pub struct TypingKey {
    /// A point of P-256, not compressed, in base64.
    public_key: String,
}

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no random bytes to make a key of")]
pub struct NoKey;

impl Typed {
    /// Makes the key. It lives as long as the program.
    pub(crate) fn new() -> Result<Self, NoKey> {
        let mut bytes = zeroize::Zeroizing::new([0; 32]);
        loop {
            SysRng.try_fill_bytes(bytes.as_mut()).map_err(|_| NoKey)?;
            if let Some(key) = TypedKey::of_random(&bytes) {
                return Ok(Self(key));
            }
        }
    }

    async fn key(self: Arc<Self>, _: NoArgs) -> Result<TypingKey, Problem> {
        Ok(TypingKey {
            public_key: BASE64_STANDARD.encode(self.0.public()),
        })
    }

    /// Puts what was typed where its cover stands, in all of the arguments.
    pub(crate) fn uncover(&self, args: &mut Value) -> Result<(), Problem> {
        match args {
            Value::Object(fields) => match self.text_of(fields)? {
                Some(text) => *args = Value::String(text),
                None => {
                    for value in fields.values_mut() {
                        self.uncover(value)?;
                    }
                }
            },
            Value::Array(values) => {
                for value in values {
                    self.uncover(value)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn text_of(&self, fields: &Map<String, Value>) -> Result<Option<String>, Problem> {
        let field = |name: &str| fields.get(name).and_then(Value::as_str);
        let (2, Some(sender), Some(covered)) = (fields.len(), field("sender"), field("covered")) else {
            return Ok(None);
        };
        let bytes = |text: &str| {
            BASE64_STANDARD
                .decode(text)
                .map_err(|_| unreadable(TypedError::Key))
        };
        let secret = self
            .0
            .open(&bytes(sender)?, bytes(covered)?)
            .map_err(unreadable)?;
        // Moved from here into the `Secret` of the arguments, without another copy.
        Ok(Some(secret.into_text()))
    }
}

fn unreadable(error: TypedError) -> Problem {
    Problem::of("LUM-CALL-TYPED", "what was typed did not arrive whole", &error)
        .next("Type it again. If it happens again, start Luumen again.")
}

pub(crate) fn register(registry: &mut Registry, typed: &Arc<Typed>) {
    registry.call("typing_key", typed, Typed::key);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_covered_text_is_uncovered_wherever_it_stands_and_nothing_else_is_touched() {
        let typed = Typed::new().expect("random bytes");
        // The empty text has an empty cover under any key, so that no second implementation is needed here.
        let sender = BASE64_STANDARD.encode(Typed::new().expect("random bytes").0.public());
        let cover = json!({"sender": sender, "covered": ""});
        let mut args = json!({"answer": {"texts": [cover, "plain"]}, "sender": "x", "covered": 4});
        typed.uncover(&mut args).expect("readable");
        let seen = json!({"answer": {"texts": ["", "plain"]}, "sender": "x", "covered": 4});
        assert_eq!(args, seen);
    }

    #[test]
    fn a_cover_that_is_none_is_refused_and_not_repeated() {
        let typed = Typed::new().expect("random bytes");
        let mut args = json!({"passphrase": {"sender": "hunter2", "covered": "hunter2"}});
        let problem = typed.uncover(&mut args).expect_err("no point");
        assert_eq!(problem.code, "LUM-CALL-TYPED");
        assert!(!problem.to_string().contains("hunter2"), "{problem}");
    }
}
