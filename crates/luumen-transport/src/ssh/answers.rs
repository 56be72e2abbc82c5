//! Answers the questions of a keyboard-interactive conversation (RFC 4256).
//!
//! What is asked and answered is never logged.

use std::sync::Arc;

use luumen_crypto::Secret;

use super::connect::Clock;
use crate::{Prompt, Prompter, Questions};

/// Who answers the questions of a keyboard-interactive conversation.
pub(super) struct Answerer {
    /// Answers one hidden question, once.
    password: Option<Secret>,
    /// Answers everything else.
    person: Option<Arc<dyn Prompter>>,
    again: bool,
    asked: bool,
    person_answered: bool,
}

impl Answerer {
    /// A person, who was wrong before or not.
    pub(super) fn person(person: &Arc<dyn Prompter>, again: bool) -> Self {
        Self {
            password: None,
            person: Some(person.clone()),
            again,
            asked: false,
            person_answered: false,
        }
    }

    /// A password, and a person for what it does not answer.
    pub(super) fn password(password: &Secret, person: Option<Arc<dyn Prompter>>) -> Self {
        Self {
            password: Some(password.clone()),
            person,
            again: false,
            asked: false,
            person_answered: false,
        }
    }

    /// Whether the server wanted to know anything.
    pub(super) fn was_asked(&self) -> bool {
        self.asked
    }

    /// Whether a person was there and has not given up.
    pub(super) fn person_answered(&self) -> bool {
        self.person_answered
    }

    pub(super) async fn answers(&mut self, questions: Questions, clock: &mut Clock) -> Vec<String> {
        let expected = questions.prompts.len();
        self.asked |= expected > 0;
        // PAM ends many conversations with a round that asks nothing; it wants an empty answer.
        if expected == 0 && (questions.instructions.is_empty() || self.person.is_none()) {
            return Vec::new();
        }
        let answers = match self.known(&questions.prompts) {
            Some(password) => Some(vec![password]),
            None => self.ask(questions, clock).await,
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

    /// The password, if this is the question for it. “New password:” and codes are not ours to guess.
    fn known(&mut self, prompts: &[Prompt]) -> Option<Secret> {
        let [prompt @ Prompt { echo: false, .. }] = prompts else {
            return None;
        };
        // With nobody to ask, whatever is hidden has to be the password, in any language.
        (self.person.is_none() || prompt.asks_for_password())
            .then(|| self.password.take())
            .flatten()
    }

    async fn ask(&mut self, questions: Questions, clock: &mut Clock) -> Option<Vec<Secret>> {
        let person = self.person.clone()?;
        let again = self.again;
        let answers = clock.pause(person.answer(Questions { again, ..questions })).await;
        self.person_answered = answers.is_some();
        answers
    }
}

#[cfg(test)]
mod tests {
    use crate::Prompt;

    #[track_caller]
    fn check(text: &str, password: bool) {
        let prompt = Prompt {
            text: text.to_owned(),
            echo: false,
        };
        assert_eq!(prompt.asks_for_password(), password, "{text}");
    }

    #[test]
    fn only_the_words_tell_a_password_from_a_code() {
        check("Password: ", true);
        check("(ann@db-3) Password:", true);
        check("LDAP password for ann: ", true);
        check("One-time password (OATH) for `ann': ", false);
        check("Verification code: ", false);
        check("OTP password: ", false);
        check("New password: ", false);
        check("Retype new password: ", false);
        check("Passcode or option (1-3): ", false);
    }
}
