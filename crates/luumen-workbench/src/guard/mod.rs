//! Files of this device that no page may touch by itself: keys, passwords, what programs are started from.
//!
//! A page names paths, and a page that was taken over could name any. `resolve` finds out where a path leads, `judge` whether that is
//! guarded; then the person is asked outside of the page, and what they agreed to holds until the program ends.

mod judge;
mod resolve;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use judge::Judge;
pub(crate) use judge::is_secret;

use crate::{
    bridge::Problem,
    consent::{Consent, Deed, Guarded, Touch},
    core::Options,
};

/// A deed, with which host, and the path.
type Agreed = (Deed, Option<String>, PathBuf);

/// Asks before a guarded file is touched.
#[derive(Debug)]
pub(crate) struct Guard {
    judge: Judge,
    consent: Arc<dyn Consent>,
    /// Held while the person is asked: one question at a time.
    agreed: Mutex<BTreeSet<Agreed>>,
}

impl Guard {
    /// `data` is the folder of all that the workbench keeps.
    pub(crate) fn new(data: &Path, options: &Options) -> Arc<Self> {
        Arc::new(Self {
            judge: Judge::new(&options.home, data, &options.ssh_folder),
            consent: options.consent.clone(),
            agreed: Mutex::default(),
        })
    }

    /// Lets something be done with files of this device; asks once for all that are guarded and were not agreed to.
    pub(crate) async fn may(
        self: &Arc<Self>,
        deed: Deed,
        target: Option<String>,
        paths: Vec<PathBuf>,
    ) -> Result<(), Problem> {
        let guard = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || guard.ask(deed, target, &paths));
        asked.await.map_err(|error| {
            Problem::of(
                "LUM-GUARD-ASK",
                "it could not be asked whether a file may be touched",
                &error,
            )
        })?
    }

    fn ask(&self, deed: Deed, target: Option<String>, paths: &[PathBuf]) -> Result<(), Problem> {
        let guarded: BTreeSet<Guarded> = paths
            .iter()
            .filter_map(|path| self.judge.guarded(deed, path))
            .collect();
        if guarded.is_empty() {
            return Ok(());
        }
        let mut agreed = self.agreed.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |file: &Guarded| (deed, target.clone(), file.path.clone());
        let files: Vec<Guarded> = guarded
            .into_iter()
            .filter(|file| !agreed.contains(&of(file)))
            .collect();
        let Some(first) = files.first().cloned() else {
            return Ok(());
        };
        let touch = Touch {
            deed,
            target: target.clone(),
            files,
        };
        if !self.consent.may_touch(&touch) {
            return Err(refused(deed, &first, touch.files.len()));
        }
        agreed.extend(touch.files.iter().map(of));
        Ok(())
    }
}

fn refused(deed: Deed, first: &Guarded, count: usize) -> Problem {
    let (path, why) = (first.path.display(), first.why);
    let (done, next) = match deed {
        Deed::Send => ("sent", "Choose another file"),
        Deed::Fetch | Deed::Export => ("written", "Choose another place"),
    };
    let detail = match count {
        1 => format!("it is {why}, and nobody agreed to it in the system's dialog"),
        _ => format!(
            "it is {why}, {} more are guarded too, and nobody agreed to it in the system's dialog",
            count - 1
        ),
    };
    Problem::new("LUM-FILE-GUARDED", format!("{path} was not {done}"), detail)
        .next(format!("{next}, or try again and agree in the dialog."))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says yes or no, and remembers what it was asked.
    #[derive(Debug)]
    struct Person(bool, Mutex<Vec<Touch>>);

    impl Consent for Person {
        fn may_run(&self, _: &str) -> bool {
            false
        }

        fn may_touch(&self, touch: &Touch) -> bool {
            self.1.lock().expect("asked").push(touch.clone());
            self.0
        }
    }

    fn guard(says: bool) -> (Arc<Guard>, Arc<Person>) {
        let person = Arc::new(Person(says, Mutex::default()));
        let mut options = Options::new("1", "ada", "/home/nobody-here");
        options.consent = person.clone();
        (Guard::new(Path::new("/data-of-luumen"), &options), person)
    }

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names
            .iter()
            .map(|name| Path::new("/home/nobody-here").join(name))
            .collect()
    }

    #[tokio::test]
    async fn one_question_names_all_that_is_guarded_and_is_asked_once_for_each_host() {
        let (guard, person) = guard(true);
        let may = async |deed, host: &str, names: &[&str]| {
            let said = guard.may(deed, Some(host.to_owned()), paths(names)).await;
            said.expect("agreed");
            std::mem::take(&mut *person.1.lock().expect("asked"))
        };
        assert_eq!(may(Deed::Send, "a", &["notes", "work/x"]).await, []);
        let asked = may(Deed::Send, "a", &["notes", ".ssh/b", ".ssh/a"]).await;
        assert_eq!(asked.len(), 1);
        assert_eq!(
            (asked[0].deed, asked[0].target.as_deref()),
            (Deed::Send, Some("a"))
        );
        let named: Vec<_> = asked[0].files.iter().map(|file| file.path.clone()).collect();
        assert_eq!(named, paths(&[".ssh/a", ".ssh/b"]));
        assert_eq!(may(Deed::Send, "a", &[".ssh/a"]).await, [], "not again");
        assert_eq!(
            may(Deed::Send, "a", &[".ssh/a", ".ssh/c"]).await[0].files.len(),
            1,
            "the new one"
        );
        assert_eq!(may(Deed::Fetch, "a", &[".ssh/a"]).await.len(), 1, "the other way");
        assert_eq!(may(Deed::Send, "b", &[".ssh/a"]).await.len(), 1, "another host");
    }

    #[tokio::test]
    async fn a_no_says_what_and_why_and_is_not_kept() {
        let (guard, person) = guard(false);
        for asked in 1..=2 {
            let said = guard
                .may(Deed::Export, None, paths(&["work", ".bashrc", ".profile"]))
                .await;
            let problem = said.expect_err("refused");
            assert_eq!(problem.code, "LUM-FILE-GUARDED");
            assert_eq!(problem.title, "/home/nobody-here/.bashrc was not written");
            assert!(
                problem.detail.contains("1 more") && problem.next.is_some(),
                "{problem}"
            );
            assert_eq!(person.1.lock().expect("asked").len(), asked);
        }
    }
}
