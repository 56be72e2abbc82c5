//! Answers the questions of a keyboard-interactive conversation (RFC 4256).
//!
//! What is asked and answered is never logged.

use std::sync::Arc;

use luumen_crypto::Secret;

use super::connect::Clock;
use crate::{Prompt, Prompter, Questions};

/// Who answers the questions of a keyboard-interactive conversation.
pub(super) enum Answerer {
    Person(Arc<dyn Prompter>),
    /// Answers one hidden question, once.
    Password(Option<Secret>),
}

impl Answerer {
    pub(super) async fn answers(&mut self, questions: Questions, clock: &mut Clock) -> Vec<String> {
        let expected = questions.prompts.len();
        // PAM ends many conversations with a round that asks nothing; it wants an empty answer.
        if expected == 0 && questions.instructions.is_empty() {
            return Vec::new();
        }
        let answers = match self {
            Self::Person(prompter) => clock.pause(prompter.answer(questions)).await,
            Self::Password(password) => match questions.prompts.as_slice() {
                [] => Some(Vec::new()),
                [Prompt { echo: false, .. }] => password.take().map(|password| vec![password]),
                // “New password:” and codes are not ours to guess.
                _ => None,
            },
        };
        let mut answers: Vec<String> = answers
            .unwrap_or_default()
            .iter()
            .map(|answer| answer.expose_secret().to_owned())
            .collect();
        // Giving up is said with empty answers: the protocol has no other word for it.
        answers.resize(expected, String::new());
        answers
    }
}
