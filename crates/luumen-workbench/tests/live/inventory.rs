//! The way in of `luumen inventory`: which password goes to which host, and that Ctrl-C ends every question. The hosts are
//! small servers in this process: `sshd` would need accounts with passwords.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use luumen_model::PrivilegeTier;
use luumen_testkit::sshd::KeyFile;
use luumen_workbench::{
    Asker, InventoryError, InventoryOptions, NewHostKeys, Nobody, Place, Questions, Secret, UnknownHostKey,
    inventory,
};
use russh::{
    Channel, MethodKind, MethodSet,
    keys::PrivateKey,
    server::{self, Auth, ChannelOpenHandle, Msg, Response},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

/// What a host wants, and everything that it was told on every connection.
#[derive(Clone, Default)]
struct House {
    password: &'static str,
    /// Wanted after the password, in a conversation.
    code: Option<&'static str>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl House {
    fn with_password(password: &'static str) -> Self {
        Self {
            password,
            ..Self::default()
        }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn methods(&self) -> MethodSet {
        let kind = match self.code {
            None => MethodKind::Password,
            Some(_) => MethodKind::KeyboardInteractive,
        };
        MethodSet::from(&[kind][..])
    }

    fn no(&self) -> Auth {
        Auth::Reject {
            proceed_with_methods: Some(self.methods()),
            partial_success: false,
        }
    }

    async fn open(&self) -> u16 {
        let key = KeyFile::generate("ed25519").unwrap();
        let config = Arc::new(server::Config {
            methods: self.methods(),
            keys: vec![PrivateKey::from_openssh(&key.private).unwrap()],
            auth_rejection_time: Duration::ZERO,
            ..server::Config::default()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let house = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (config, house) = (config.clone(), house.clone());
                tokio::spawn(async move {
                    let door = Door {
                        house,
                        code_is_next: false,
                    };
                    if let Ok(running) = server::run_stream(config, stream, door).await {
                        let _ = running.await;
                    }
                });
            }
        });
        port
    }
}

struct Door {
    house: House,
    code_is_next: bool,
}

impl Door {
    fn hears(&self, said: &str) {
        self.house.heard.lock().unwrap().push(said.to_owned());
    }

    fn asks(text: &'static str) -> Auth {
        Auth::Partial {
            name: Cow::Borrowed(""),
            instructions: Cow::Borrowed(""),
            prompts: vec![(Cow::Borrowed(text), false)].into(),
        }
    }
}

impl server::Handler for Door {
    type Error = russh::Error;

    async fn auth_password(&mut self, _: &str, password: &str) -> Result<Auth, russh::Error> {
        self.hears(password);
        Ok(if password == self.house.password {
            Auth::Accept
        } else {
            self.house.no()
        })
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        if self.house.code.is_none() {
            return Ok(self.house.no());
        }
        let Some(said) = response.and_then(|mut answers| answers.next()) else {
            return Ok(Self::asks("Password: "));
        };
        let said = String::from_utf8_lossy(&said).into_owned();
        self.hears(&said);
        if !self.code_is_next && said == self.house.password {
            self.code_is_next = true;
            return Ok(Self::asks("One-time code: "));
        }
        let right = self.code_is_next && self.house.code == Some(said.as_str());
        self.code_is_next = false;
        Ok(if right { Auth::Accept } else { self.house.no() })
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut server::Session,
    ) -> Result<(), russh::Error> {
        let mut onward = TcpStream::connect((host, u16::try_from(port).unwrap())).await?;
        reply.accept().await;
        tokio::spawn(async move {
            let _ = copy_bidirectional(&mut channel.into_stream(), &mut onward).await;
        });
        Ok(())
    }
}

/// A person who knows one password for each port, and a code that is the same everywhere.
#[derive(Debug)]
struct Knowing {
    passwords: BTreeMap<u16, &'static str>,
    code: &'static str,
    asked: Mutex<Vec<String>>,
}

impl Knowing {
    fn new(passwords: &[(u16, &'static str)]) -> Arc<Self> {
        Arc::new(Self {
            passwords: passwords.iter().copied().collect(),
            code: "123456",
            asked: Mutex::default(),
        })
    }

    fn password_for(&self, endpoint: &str) -> Option<Secret> {
        let mine = |port: &&u16| endpoint.starts_with(&format!("ann@127.0.0.1:{port}"));
        let port = self.passwords.keys().find(mine)?;
        Some(Secret::new(self.passwords[port]))
    }
}

impl Asker for Knowing {
    fn accept_host_key(&self, _: &UnknownHostKey) -> bool {
        true
    }

    fn passphrase(&self, _: &Path) -> Option<Secret> {
        None
    }

    fn password(&self, endpoint: &str) -> Option<Secret> {
        self.asked.lock().unwrap().push("password".to_owned());
        self.password_for(endpoint)
    }

    fn answers(&self, questions: &Questions) -> Option<Vec<Secret>> {
        let text = &questions.prompts[0].text;
        self.asked.lock().unwrap().push(text.clone());
        let answer = match text.as_str() {
            "Password: " => self.password_for(&questions.endpoint.to_string())?,
            _ => Secret::new(self.code),
        };
        Some(vec![answer])
    }
}

fn place(port: u16) -> Place {
    format!("ann@127.0.0.1:{port}").parse().unwrap()
}

fn options(folder: &Path, jump: Option<u16>, asker: Arc<dyn Asker>) -> InventoryOptions {
    InventoryOptions {
        username: "ann".to_owned(),
        keys: Vec::new(),
        key_folder: None,
        use_agent: false,
        password: None,
        jumps: jump.map(place).into_iter().collect(),
        known_hosts: vec![folder.join("known_hosts")],
        new_host_keys: NewHostKeys::Ask,
        tier: PrivilegeTier::None,
        connect_timeout: Duration::from_secs(15),
        visit_timeout: Duration::from_secs(15),
        collector: ("test".to_owned(), "0".to_owned()),
        asker,
        cancel: CancellationToken::new(),
    }
}

/// Whether it came in: these hosts run no commands.
fn is_in<T>(result: &Result<T, InventoryError>) -> bool {
    matches!(result, Ok(_) | Err(InventoryError::Exec(_)))
}

#[tokio::test]
async fn each_host_on_the_way_is_told_its_own_password_only() {
    let (jump, goal) = (House::with_password("barley"), House::with_password("sesame"));
    let (near, far) = (jump.open().await, goal.open().await);
    let person = Knowing::new(&[(near, "barley"), (far, "sesame")]);
    let folder = tempfile::tempdir().unwrap();
    let result = inventory(&place(far), &options(folder.path(), Some(near), person.clone())).await;
    assert!(is_in(&result), "{result:?}");
    assert!(
        jump.heard().iter().all(|said| said == "barley"),
        "{:?}",
        jump.heard()
    );
    assert_eq!(goal.heard(), ["sesame"]);
    assert_eq!(*person.asked.lock().unwrap(), ["password", "password"]);
}

#[tokio::test]
async fn a_password_and_a_code_may_be_wanted_at_every_host() {
    let house = |password| House {
        code: Some("123456"),
        ..House::with_password(password)
    };
    let (jump, goal) = (house("barley"), house("sesame"));
    let (near, far) = (jump.open().await, goal.open().await);
    let person = Knowing::new(&[(near, "barley"), (far, "sesame")]);
    let folder = tempfile::tempdir().unwrap();
    let result = inventory(&place(far), &options(folder.path(), Some(near), person.clone())).await;
    assert!(is_in(&result), "{result:?}");
    assert_eq!(goal.heard(), ["sesame", "123456"]);
    // The second time is for the goal's unknown key: the password is known then, the code is a new one.
    assert_eq!(jump.heard(), ["barley", "123456", "barley", "123456"]);
    let asked = person.asked.lock().unwrap().clone();
    let code = "One-time code: ";
    assert_eq!(asked, ["Password: ", code, code, "Password: ", code]);
}

#[tokio::test]
async fn a_wrong_password_is_asked_for_three_times_in_all() {
    for code in [None, Some("123456")] {
        let host = House {
            code,
            ..House::with_password("sesame")
        };
        let port = host.open().await;
        let person = Knowing::new(&[(port, "barley")]);
        let folder = tempfile::tempdir().unwrap();
        let result = inventory(&place(port), &options(folder.path(), None, person.clone())).await;
        assert_eq!(result.unwrap_err().code(), "LUM-SSH-AUTH");
        assert_eq!(host.heard(), ["barley"; 3]);
        assert_eq!(person.asked.lock().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_password_that_is_given_goes_to_the_goal_only() {
    let (jump, goal) = (House::with_password("barley"), House::with_password("sesame"));
    let (near, far) = (jump.open().await, goal.open().await);
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path(), Some(near), Arc::new(Nobody));
    options.new_host_keys = NewHostKeys::Trust;
    options.password = Some(Secret::new("sesame"));
    let error = inventory(&place(far), &options).await.unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-AUTH");
    assert!(error.to_string().contains("jump 1 of 1"), "{error}");
    assert!(jump.heard().is_empty(), "{:?}", jump.heard());
    options.jumps.clear();
    assert!(is_in(&inventory(&place(far), &options).await));
    assert_eq!(goal.heard(), ["sesame"]);
}

/// Somebody who never answers: says that it was asked, and waits until the test is over.
#[derive(Debug)]
struct Silent {
    asked: Mutex<Sender<()>>,
    over: Mutex<Receiver<()>>,
}

impl Silent {
    fn wait(&self) {
        self.asked.lock().unwrap().send(()).unwrap();
        let _ = self.over.lock().unwrap().recv();
    }
}

impl Asker for Silent {
    fn accept_host_key(&self, _: &UnknownHostKey) -> bool {
        self.wait();
        false
    }

    fn passphrase(&self, _: &Path) -> Option<Secret> {
        self.wait();
        None
    }

    fn password(&self, _: &str) -> Option<Secret> {
        self.wait();
        None
    }

    fn answers(&self, _: &Questions) -> Option<Vec<Secret>> {
        self.wait();
        None
    }
}

#[tokio::test]
async fn ctrl_c_ends_a_question_that_nobody_answers() {
    let plain = House::with_password("sesame");
    let talks = House {
        code: Some("123456"),
        ..plain.clone()
    };
    for (house, new_host_keys) in [
        (&plain, NewHostKeys::Ask),
        (&plain, NewHostKeys::Trust),
        (&talks, NewHostKeys::Trust),
    ] {
        let port = house.open().await;
        let (asked, was_asked) = channel();
        let (finish, over) = channel();
        let silent = Arc::new(Silent {
            asked: Mutex::new(asked),
            over: Mutex::new(over),
        });
        let folder = tempfile::tempdir().unwrap();
        let mut options = options(folder.path(), None, silent);
        options.new_host_keys = new_host_keys;
        let cancel = options.cancel.clone();
        let visit = tokio::spawn(async move { inventory(&place(port), &options).await });
        tokio::task::spawn_blocking(move || was_asked.recv().unwrap())
            .await
            .unwrap();
        cancel.cancel();
        let ended = tokio::time::timeout(Duration::from_secs(5), visit).await;
        drop(finish);
        let error = ended.expect("it still waits").unwrap().unwrap_err();
        assert_eq!(error.code(), "LUM-CANCELLED");
    }
}
