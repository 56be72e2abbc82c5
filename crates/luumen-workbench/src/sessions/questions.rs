//! Questions to the person, and their answers.
//!
//! A question is open until it is answered or nobody wants to know any more; then the window is told to
//! take it away. Answers hold secrets: they are handed on once and never kept here, logged or sent out.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use ts_rs::TS;

use super::model::{Answer, Question};
use crate::bridge::{Event, Events, Id, NoArgs, Problem};

/// The open questions.
#[derive(Debug)]
pub(crate) struct Questions {
    events: Events,
    open: Mutex<HashMap<Id, Open>>,
}

struct Open {
    session: Option<Id>,
    ask: Question,
    answer: oneshot::Sender<Answer>,
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// An answer to a question.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct QuestionAnswer {
    /// Which question.
    question: Id,
    /// What the person says.
    answer: Answer,
}

/// A question that waits.
#[derive(Clone, Debug, Serialize, TS)]
pub struct OpenQuestion {
    /// Its id.
    pub question: Id,
    /// The session that wants to know.
    pub session: Option<Id>,
    /// What it wants to know.
    pub ask: Question,
}

/// Takes the question away when nobody waits for the answer any more.
struct TakeBack<'a>(&'a Questions, Id);

impl Drop for TakeBack<'_> {
    fn drop(&mut self) {
        if self.0.with(|open| open.remove(&self.1)).is_some() {
            self.0.events.send(Event::QuestionGone { question: self.1 });
        }
    }
}

impl Questions {
    pub(crate) fn new(events: Events) -> Self {
        Self {
            events,
            open: Mutex::default(),
        }
    }

    /// Asks, and waits as long as it takes. Dropping the future takes the question back.
    pub(crate) async fn ask(&self, session: Option<Id>, ask: Question) -> Answer {
        let question = Id::new();
        let (answer, answered) = oneshot::channel();
        let open = Open {
            session,
            ask: ask.clone(),
            answer,
        };
        self.with(|all| all.insert(question, open));
        let _take_back = TakeBack(self, question);
        self.events.send(Event::Question {
            question,
            session,
            ask,
        });
        answered.await.unwrap_or(Answer::Cancel)
    }

    /// What waits for an answer: for a window that was opened again.
    pub(crate) async fn list(self: Arc<Self>, _: NoArgs) -> Result<Vec<OpenQuestion>, Problem> {
        let mut all: Vec<OpenQuestion> = self.with(|open| {
            let one = |(question, open): (&Id, &Open)| OpenQuestion {
                question: *question,
                session: open.session,
                ask: open.ask.clone(),
            };
            open.iter().map(one).collect()
        });
        all.sort_by_key(|open| open.question);
        Ok(all)
    }

    /// Hands an answer on. One that does not fit leaves the question open.
    pub(crate) async fn answer(self: Arc<Self>, args: QuestionAnswer) -> Result<(), Problem> {
        let QuestionAnswer { question, answer } = args;
        let open = self.with(|open| match open.get(&question) {
            None => Err(Problem::new(
                "LUM-QUESTION-GONE",
                "the question is no longer open",
                "it was answered already, or the session was closed",
            )),
            Some(asked) => {
                fits(&asked.ask, &answer)?;
                Ok(open.remove(&question))
            }
        })?;
        if let Some(open) = open {
            self.events.send(Event::QuestionGone { question });
            // Whoever asked may have given up in this very moment.
            let _ = open.answer.send(answer);
        }
        Ok(())
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<Id, Open>) -> T) -> T {
        work(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether an answer is one to this question.
fn fits(ask: &Question, answer: &Answer) -> Result<(), Problem> {
    let other = || {
        Err(Problem::new(
            "LUM-QUESTION-ANSWER",
            "this is no answer to the question",
            "the window answered something else than was asked",
        ))
    };
    match (ask, answer) {
        (_, Answer::Cancel) => Ok(()),
        (Question::Password { .. } | Question::Passphrase { .. }, Answer::Texts { texts, .. })
            if texts.len() == 1 =>
        {
            Ok(())
        }
        (Question::Prompts { prompts, .. }, Answer::Texts { texts, .. }) if texts.len() == prompts.len() => {
            Ok(())
        }
        (Question::Passphrase { .. }, Answer::WithoutKey) => Ok(()),
        (Question::HostKeyNew { .. }, Answer::Trust | Answer::TrustOnce) => Ok(()),
        (Question::HostKeyChanged { name, .. }, Answer::Replace { typed_name }) => {
            if typed_name.trim() == name {
                return Ok(());
            }
            Err(Problem::new(
                "LUM-SSH-HOSTKEY-NAME",
                "the name does not match",
                format!("to replace the key, the name of the host has to be typed: {name}"),
            )
            .next("Type the name, or disconnect: that is the safe choice."))
        }
        _ => other(),
    }
}

#[cfg(test)]
mod tests {
    use luumen_crypto::Secret;

    use super::*;

    fn changed() -> Question {
        Question::HostKeyChanged {
            target: "db-3:22".into(),
            name: "db-3".into(),
            algorithm: "ssh-ed25519".into(),
            fingerprint: "SHA256:x".into(),
            known: Vec::new(),
        }
    }

    fn texts(texts: &[&str]) -> Answer {
        Answer::Texts {
            texts: texts.iter().map(|text| Secret::new(*text)).collect(),
            remember: None,
        }
    }

    #[test]
    fn only_a_key_can_be_gone_on_without() {
        let passphrase = Question::Passphrase {
            key: "laptop".into(),
            again: false,
            may_remember: false,
        };
        assert!(fits(&passphrase, &Answer::WithoutKey).is_ok());
        assert!(fits(&passphrase, &Answer::Cancel).is_ok());
        assert!(fits(&changed(), &Answer::WithoutKey).is_err());
        assert!(fits(&Question::VaultLocked, &Answer::WithoutKey).is_err());
    }

    #[test]
    fn a_changed_key_is_replaced_only_by_the_typed_name() {
        let typed = |name: &str| {
            let typed_name = name.to_owned();
            fits(&changed(), &Answer::Replace { typed_name }).is_ok()
        };
        assert!(typed("db-3") && typed(" db-3 "));
        assert!(!typed("") && !typed("db-33") && !typed("DB-3"));
        assert!(fits(&changed(), &Answer::Trust).is_err());
        assert!(fits(&changed(), &Answer::TrustOnce).is_err());
        assert!(fits(&changed(), &texts(&["db-3"])).is_err());
        assert!(fits(&changed(), &Answer::Cancel).is_ok());
    }

    #[tokio::test]
    async fn a_question_is_asked_answered_and_gone() {
        let events = Events::default();
        let mut heard = events.listen();
        let questions = Arc::new(Questions::new(events));
        let asking = tokio::spawn({
            let questions = questions.clone();
            async move { questions.ask(None, changed()).await }
        });
        let Ok(Event::Question { question, .. }) = heard.recv().await else {
            panic!("no question");
        };
        let wrong = QuestionAnswer {
            question,
            answer: Answer::Trust,
        };
        assert!(questions.clone().answer(wrong).await.is_err());
        assert_eq!(
            questions.clone().list(NoArgs {}).await.map(|all| all.len()),
            Ok(1)
        );
        let right = || QuestionAnswer {
            question,
            answer: Answer::Cancel,
        };
        assert_eq!(questions.clone().answer(right()).await, Ok(()));
        assert!(matches!(asking.await, Ok(Answer::Cancel)));
        assert!(matches!(heard.recv().await, Ok(Event::QuestionGone { .. })));
        assert!(questions.clone().answer(right()).await.is_err());
    }

    #[tokio::test]
    async fn a_question_that_nobody_waits_for_is_taken_back() {
        let events = Events::default();
        let mut heard = events.listen();
        let questions = Arc::new(Questions::new(events));
        drop(
            tokio::time::timeout(
                std::time::Duration::from_millis(10),
                questions.ask(None, changed()),
            )
            .await,
        );
        assert!(matches!(heard.recv().await, Ok(Event::Question { .. })));
        assert!(matches!(heard.recv().await, Ok(Event::QuestionGone { .. })));
    }
}
