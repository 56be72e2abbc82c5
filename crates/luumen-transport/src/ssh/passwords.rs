//! Offers passwords, and holds conversations (keyboard-interactive, RFC 4256) about them.

use std::sync::Arc;

use luumen_crypto::Secret;
use russh::{MethodKind, client::KeyboardInteractiveAuthResponse as Interactive};

use super::{
    answers::Answerer,
    auth::Attempt,
    locked::MAX_GUESSES,
    plan::{Outcome, Plan},
};
use crate::{ConnectError, Prompt, Prompter, Questions, SecretAsker, SecretNeed, Step};

/// A server that keeps asking is stopped here.
const MAX_ROUNDS: usize = 20;

impl Attempt<'_> {
    pub(super) async fn offer_password(
        &mut self,
        password: &Secret,
        plan: &Plan,
    ) -> Result<Outcome, ConnectError> {
        // A host that wants a code after the password says so in a conversation only; the password by itself would
        // be one failed sign-in for each connection. Without a person nobody could answer for the code.
        let conversation = plan.surely_offers(MethodKind::KeyboardInteractive);
        if self.person.is_some() && conversation {
            let (outcome, asked) = self.answer_with(password).await?;
            if asked || !plan.offers(MethodKind::Password) || self.connection.handle.is_closed() {
                return Ok(outcome);
            }
            self.notes.pop();
        }
        if plan.offers(MethodKind::Password) {
            self.notes.push("password".to_owned());
            let offer = self
                .connection
                .handle
                .authenticate_password(self.username, password.expose_secret());
            let reply = self.clock.run(Step::SignIn, offer).await?;
            let outcome = Outcome::of(self.answer(reply)?);
            // Where passwords are only taken in a conversation, the first try was not one: go on there.
            // Where both are offered, a second try of a wrong password would only count towards a lock-out.
            let Outcome::Refused(offered) = &outcome else {
                return Ok(outcome);
            };
            if offered.contains(&MethodKind::Password) || !offered.contains(&MethodKind::KeyboardInteractive)
            {
                return Ok(outcome);
            }
            self.notes.pop();
        }
        Ok(self.answer_with(password).await?.0)
    }

    /// Answers a conversation with a password, and says whether anything was asked at all.
    async fn answer_with(&mut self, password: &Secret) -> Result<(Outcome, bool), ConnectError> {
        self.notes.push("password (keyboard-interactive)".to_owned());
        let mut answerer = Answerer::password(password, self.person.clone());
        let outcome = self.converse(&mut answerer).await?;
        Ok((outcome, answerer.was_asked()))
    }

    /// Hands what the server asks to a person, again from the beginning when they were wrong.
    pub(super) async fn ask_person(&mut self, person: &Arc<dyn Prompter>) -> Result<Outcome, ConnectError> {
        self.notes.push("keyboard-interactive".to_owned());
        let mut outcome = Outcome::NotTried;
        for round in 0..MAX_GUESSES {
            let mut answerer = Answerer::person(person, round > 0);
            outcome = self.converse(&mut answerer).await?;
            let asks_again = matches!(&outcome, Outcome::Refused(offered) if offered.contains(&MethodKind::KeyboardInteractive));
            if !asks_again || !answerer.person_answered() || self.connection.handle.is_closed() {
                break;
            }
        }
        Ok(outcome)
    }

    /// Asks for a password until one is right, the person gives up, or it was wrong too often.
    pub(super) async fn ask_password(&mut self, asker: &dyn SecretAsker) -> Result<Outcome, ConnectError> {
        let mut outcome = Outcome::NotTried;
        for round in 0..MAX_GUESSES {
            let need = SecretNeed::Password {
                endpoint: self.clock.endpoint.clone(),
                again: round > 0,
            };
            let Some(password) = self.clock.pause(asker.secret(need)).await else {
                return Ok(outcome);
            };
            self.notes.push("password".to_owned());
            let handle = &mut self.connection.handle;
            let offer = handle.authenticate_password(self.username, password.expose_secret());
            let reply = self.clock.run(Step::SignIn, offer).await?;
            outcome = Outcome::of(self.answer(reply)?);
            match &outcome {
                Outcome::Refused(offered) if offered.contains(&MethodKind::Password) => {}
                _ => break,
            }
        }
        Ok(outcome)
    }

    async fn converse(&mut self, answerer: &mut Answerer) -> Result<Outcome, ConnectError> {
        let handle = &mut self.connection.handle;
        let start = handle.authenticate_keyboard_interactive_start(self.username, None::<String>);
        let mut reply = self.clock.run(Step::SignIn, start).await?;
        for _ in 0..MAX_ROUNDS {
            let (name, instructions, prompts) = match self.answer(reply)? {
                Interactive::Success => return Ok(Outcome::Accepted),
                Interactive::Failure {
                    remaining_methods,
                    partial_success,
                } => {
                    return Ok(Outcome::failure(&remaining_methods, partial_success));
                }
                Interactive::InfoRequest {
                    name,
                    instructions,
                    prompts,
                } => (name, instructions, prompts),
            };
            let prompts = prompts.into_iter().map(|prompt| Prompt {
                text: prompt.prompt,
                echo: prompt.echo,
            });
            let questions = Questions {
                endpoint: self.clock.endpoint.clone(),
                name,
                instructions,
                prompts: prompts.collect(),
                again: false,
            };
            let answers = answerer.answers(questions, self.clock).await;
            let respond = self
                .connection
                .handle
                .authenticate_keyboard_interactive_respond(answers);
            reply = self.clock.run(Step::SignIn, respond).await?;
        }
        Err(self.lost("it never stops asking".to_owned()))
    }
}
