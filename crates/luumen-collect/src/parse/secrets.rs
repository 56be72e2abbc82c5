//! Secrets that people write into settings and commands, replaced by `***` before anything is reported.
//!
//! It knows names that sound like a secret and how well-known programs take theirs. Where it is not sure it hides: a word
//! too many is missed by nobody.

use super::quotes::{open_quote, pair_end, value_end};

const HIDDEN: &str = "***";

/// Programs, and their short options whose value is a secret. `-p` is also a port or a protocol elsewhere.
const SHORT: [(&[&str], &[&str]); 8] = [
    (
        &[
            "sshpass",
            "mongo",
            "mongosh",
            "mongodump",
            "mongorestore",
            "login",
        ],
        &["-p"],
    ),
    (&["curl"], &["-u", "-U", "--user", "--proxy-user"]),
    (&["wget", "lftp", "smbclient", "rpcclient", "net"], &["-u", "-U"]),
    (
        &["ldapsearch", "ldapmodify", "ldapadd", "ldapdelete", "ldapwhoami"],
        &["-w"],
    ),
    (&["redis-cli", "valkey-cli"], &["-a"]),
    (&["zip", "unzip", "ipmitool"], &["-P"]),
    (
        &["snmpget", "snmpwalk", "snmpset", "snmpbulkwalk"],
        &["-c", "-A", "-X"],
    ),
    (&["openssl"], &["-k", "-K"]),
];

/// Programs that take it right behind `-p`, without a space.
const ATTACHED: [&str; 6] = ["mysql", "mariadb", "xtrabackup", "innobackupex", "sshpass", "7z"];

/// True for the name of an option, variable or parameter whose value is a secret.
fn is_secret(name: &str) -> bool {
    let name = name
        .trim_start_matches('-')
        .to_lowercase()
        .replace(['-', '.'], "_");
    // Where a secret lies is none, nor is how it is asked for.
    let harmless = [
        "file", "path", "dir", "stdin", "prompt", "timeout", "tries", "fd", "policy",
    ];
    let words = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "credential",
        "apikey",
        "api_key",
        "access_key",
        "private_key",
        "auth_key",
        "authkey",
    ];
    !harmless.iter().any(|end| name.ends_with(end))
        && (words.iter().any(|word| name.contains(word))
            || ["pass", "pwd", "psk", "password2"]
                .iter()
                .any(|end| name.ends_with(end)))
}

/// The login before an `@` in an address (`https://`, `//server/share`, `name:word@host`), and values of query parameters
/// that sound like secrets.
pub(crate) fn in_address(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    if !text.contains("//") {
        return without_login(text);
    }
    while let Some(at) = rest.find("//") {
        let (before, after) = rest.split_at(at + 2);
        out.push_str(before);
        let end = after.find(['/', '?', '#', ' ', '"', '\'']).unwrap_or(after.len());
        let mut login = after[..end].rfind('@');
        // A password with a slash in it; a port is a number.
        let port = after[..end].split_once(':').map(|(_, port)| port);
        if login.is_none() && port.is_some_and(|port| !port.bytes().all(|byte| byte.is_ascii_digit())) {
            let word = after.find(char::is_whitespace).unwrap_or(after.len());
            login = after[..word].find('@');
        }
        rest = match login {
            Some(login) => {
                out.push_str(HIDDEN);
                &after[login..]
            }
            None => after,
        };
    }
    out.push_str(rest);
    without_query(&out)
}

/// `name:word@host`, also behind `#`; a slash before the `@` makes it a path.
fn without_login(text: &str) -> String {
    let Some((login, host)) = text.split_once('@') else {
        return text.to_owned();
    };
    match login.split_once(':') {
        Some((name, word)) if !login.contains('/') && !name.is_empty() && !word.is_empty() => {
            format!("{name}:{HIDDEN}@{host}")
        }
        _ => text.to_owned(),
    }
}

fn without_query(text: &str) -> String {
    let Some((path, query)) = text.split_once('?') else {
        return text.to_owned();
    };
    let words = ["token", "key", "secret", "password", "passwd", "auth", "sig"];
    let hidden = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if words.iter().any(|word| name.to_lowercase().contains(word)) => {
            format!("{name}={HIDDEN}")
        }
        _ => pair.to_owned(),
    });
    format!("{path}?{}", hidden.collect::<Vec<_>>().join("&"))
}

/// An option of a mount: `password=…`, and `username=name%word`.
pub(crate) fn in_option(option: &str) -> String {
    match option.split_once('=') {
        // The file that holds them.
        Some((key, value)) if key.starts_with("cred") && value.starts_with('/') => option.to_owned(),
        Some((key, _)) if is_secret(key) => format!("{key}={HIDDEN}"),
        Some((key @ ("user" | "username"), value)) if value.contains('%') => {
            let name = value.split('%').next().unwrap_or_default();
            format!("{key}={name}%{HIDDEN}")
        }
        _ => in_address(option),
    }
}

/// What is to be done with the word that comes next.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Read,
    Hide,
    /// Up to the quote that is open, or to the end.
    HideAll,
}

/// A command line, or any line of which nobody knows what it is.
pub(crate) fn in_command(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut next, mut program) = (text, Next::Read, "");
    let mut quote = None;
    while !rest.is_empty() {
        let gap = rest.len() - rest.trim_start().len();
        out.push_str(&rest[..gap]);
        rest = &rest[gap..];
        if rest.is_empty() {
            break;
        }
        // An option where a value was awaited: it had none.
        if next == Next::Hide && rest.starts_with("--") {
            next = Next::Read;
        }
        let used = match next {
            Next::HideAll => {
                let end = rest.find(['"', '\'']).unwrap_or(rest.len());
                out.push_str(HIDDEN);
                next = Next::Read;
                end
            }
            Next::Hide => {
                let end = value_end(rest);
                // What closes around the word is no part of it.
                let closing = rest[..end]
                    .trim_end_matches(['"', '\'', ')', '`', ';', '}', ','])
                    .len();
                let opened = rest.starts_with(['"', '\'']);
                out.push_str(HIDDEN);
                if !opened {
                    out.push_str(&rest[closing..end]);
                }
                next = Next::Read;
                end
            }
            Next::Read => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let (used, then) = read_word(&rest[..end], rest, quote, &mut program, &mut out);
                next = then;
                used
            }
        };
        quote = open_quote(quote, &rest[..used]);
        rest = &rest[used..];
    }
    out
}

/// Writes one word without its secret; says how much of the line that was, and what the next word is. `quote`: what is open
/// where the word begins.
fn read_word<'a>(
    word: &'a str,
    line: &'a str,
    quote: Option<char>,
    program: &mut &'a str,
    out: &mut String,
) -> (usize, Next) {
    let bare = word.trim_matches(['"', '\'', '(', ')', '`', '$', '{', '}', ';', '[']);
    let name = bare.rsplit('/').next().unwrap_or(bare);
    let attached = bare.strip_prefix("-p").filter(|value| !value.is_empty());
    if ATTACHED.iter().any(|known| program.starts_with(known))
        && attached.is_some()
        && !bare.starts_with("-port")
    {
        return (stuck_value(word, "-p", line, quote, out), Next::Read);
    }
    let short = SHORT.iter().find(|(programs, _)| programs.contains(program));
    if let Some((_, options)) = short {
        if options.contains(&bare) {
            out.push_str(word);
            // What follows is another program's line.
            if *program == "sshpass" {
                *program = "";
            }
            return (word.len(), Next::Hide);
        }
        let stuck = options
            .iter()
            .find(|option| option.len() == 2 && bare.starts_with(**option));
        if let Some(option) = stuck {
            return (stuck_value(word, option, line, quote, out), Next::Read);
        }
    }
    let is_program = |name: &str| {
        SHORT.iter().any(|(programs, _)| programs.contains(&name))
            || ATTACHED.iter().any(|known| name.starts_with(known))
    };
    if !bare.starts_with('-') && is_program(name) {
        *program = name;
    } else if matches!(word, "|" | "||" | "&&" | ";") {
        *program = "";
    }
    if let Some((name, at)) = named_secret(word) {
        out.push_str(&in_address(&word[..name]));
        out.push_str(&word[name..=at]);
        out.push_str(HIDDEN);
        let open = open_quote(quote, &word[..=at]);
        let in_list = word[..name].ends_with(LIST);
        return (at + 1 + pair_end(&line[at + 1..], open, in_list), Next::Read);
    }
    if let Some(at) = word.find(':').filter(|at| !word[*at..].starts_with("://")) {
        let header = word[..at]
            .trim_start_matches(['"', '\'', '{', ','])
            .trim_end_matches(['"', '\'']);
        let authorization = header.to_lowercase().ends_with("authorization");
        let tag = matches!(header, "PASSWD" | "NOPASSWD");
        if (authorization || is_secret(header)) && !tag && !header.contains('/') {
            out.push_str(&word[..=at]);
            if word.len() > at + 1 {
                out.push_str(HIDDEN);
            }
            return match (authorization, word.len() > at + 1) {
                (true, _) => (word.len(), Next::HideAll),
                (false, true) => (at + 1 + value_end(&line[at + 1..]), Next::Read),
                (false, false) => (word.len(), Next::Hide),
            };
        }
    }
    out.push_str(&in_address(word));
    let awaits = (bare.starts_with('-') && is_secret(bare)) || matches!(bare, "Bearer" | "Basic");
    (word.len(), if awaits { Next::Hide } else { Next::Read })
}

/// What parts the pairs of a list: options of a mount, a form, a string that names a database.
const LIST: [char; 4] = [',', '&', ';', '?'];

/// Where the name of a secret begins in a word, and where its `=` is: any `name=` may be one, not the first alone.
fn named_secret(word: &str) -> Option<(usize, usize)> {
    let mut begin = 0;
    for (at, parts) in word.match_indices(|c: char| LIST.contains(&c) || matches!(c, '=' | '"' | '\'')) {
        if parts == "=" {
            // Sudoers has a backslash before each `=`.
            let name = word[begin..at].trim_end_matches('\\');
            let name = name.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_');
            // The file that holds them is none, as in an option of a mount.
            let file = name.starts_with("cred") && word[at + 1..].starts_with('/');
            if is_secret(name) && !file {
                return Some((begin, at));
            }
        }
        begin = at + 1;
    }
    None
}

/// Writes an option without the value that stands right behind it; says how much of the line that was.
fn stuck_value(word: &str, option: &str, line: &str, quote: Option<char>, out: &mut String) -> usize {
    let begin = word.find(option).map_or(word.len(), |at| at + option.len());
    out.push_str(&word[..begin]);
    out.push_str(HIDDEN);
    // A quote that opens with the option closes behind its value, whatever spaces are between.
    let open = open_quote(quote, &word[..begin]);
    let whole = open.is_some() && quote.is_none();
    begin + pair_end(&line[begin..], open, whole)
}

#[cfg(test)]
mod tests {
    use super::{in_address, in_command, in_option};

    #[track_caller]
    fn check(hide: fn(&str) -> String, text: &str, expected: &str) {
        assert_eq!(hide(text), expected, "{text}");
    }

    #[test]
    fn of_an_address() {
        let check = |text, expected| check(in_address, text, expected);
        check("https://ann:pw@repo.example/x", "https://***@repo.example/x");
        check("https://ann:p/w@repo.example/x", "https://***@repo.example/x");
        check("//ann:pw@files/share", "//***@files/share");
        check("curlftpfs#ann:pw@files", "curlftpfs#ann:***@files");
        check(
            "https://repo.example/x?token=abc&b=1",
            "https://repo.example/x?token=***&b=1",
        );
        check("http://a:b@x,http://c:d@y/z", "http://***@x,http://***@y/z");
        for harmless in [
            "http://deb.debian.org/debian",
            "https://h/a@b",
            "https://h:8443/a@b",
            "files:/export/home@today",
            "ann@files:/export",
            "pool/data@today",
            "//files/share",
            "/dev/disk/by-id/x:y",
        ] {
            check(harmless, harmless);
        }
    }

    #[test]
    fn of_a_mount() {
        let check = |text, expected| check(in_option, text, expected);
        check("password=geheim", "password=***");
        check("PASSWD=geheim", "PASSWD=***");
        check("password2=geheim", "password2=***");
        check("secret=AQAB==", "secret=***");
        check("username=ann%geheim", "username=ann%***");
        check("url=https://ann:pw@h/", "url=https://***@h/");
        for harmless in [
            "rw",
            "username=ann",
            "credentials=/etc/cifs.cred",
            "secretfile=/etc/ceph/key",
            "passwd_file=/etc/passwd-s3fs",
            "x-systemd.automount",
        ] {
            check(harmless, harmless);
        }
    }

    #[test]
    fn of_a_command() {
        let check = |text, expected| check(in_command, text, expected);
        check("mysqldump --password=geheim db", "mysqldump --password=*** db");
        check(
            "mysqldump -uroot -pgeheim db | gzip -p4",
            "mysqldump -uroot -p*** db | gzip -p4",
        );
        check("mysql --password=\"two words\" db", "mysql --password=*** db");
        check("mysql --password='two 'words db", "mysql --password=*** db");
        check("mysql --password=two\\ words db", "mysql --password=*** db");
        check("mysqldump -p'two words' db", "mysqldump -p*** db");
        check("mysqldump '-ptwo words' db", "mysqldump '-p***' db");
        check("sh -c 'mysqldump -pgeheim db'", "sh -c 'mysqldump -p*** db'");
        check("curl -u'ann:two words' https://h", "curl -u*** https://h");
        check(
            "curl --token abc https://u:p@h/x",
            "curl --token *** https://***@h/x",
        );
        check("curl -s -u ann:geheim https://h", "curl -s -u *** https://h");
        check(
            "/usr/bin/curl -uann:geheim https://h",
            "/usr/bin/curl -u*** https://h",
        );
        check("sh -c 'curl -u ann:geheim'", "sh -c 'curl -u ***'");
        check(
            "curl -H \"Authorization: Bearer abc.def\" https://h",
            "curl -H \"Authorization: ***\" https://h",
        );
        check(
            "curl -H 'X-Api-Key: abc' https://h",
            "curl -H 'X-Api-Key: ***' https://h",
        );
        check(
            "curl -d '{\"password\": \"x\"}' https://h",
            "curl -d '{\"password\": ***}' https://h",
        );
        check(
            "curl -d '{\"password\":\"two words\",\"a\":\"b\"}' https://h",
            "curl -d '{\"password\":***,\"a\":\"b\"}' https://h",
        );
        check("PGPASSWORD=geheim pg_dump db", "PGPASSWORD=*** pg_dump db");
        check(
            "AWS_SECRET_ACCESS_KEY='a b' aws s3 ls",
            "AWS_SECRET_ACCESS_KEY=*** aws s3 ls",
        );
        check("sshpass -p geheim ssh -p 22 h", "sshpass -p *** ssh -p 22 h");
        check(
            "openssl enc -pass pass:geheim -in x",
            "openssl enc -pass *** -in x",
        );
        check("ldapsearch -w geheim -b dc=x", "ldapsearch -w *** -b dc=x");
        check(
            "docker login -u ann -p geheim registry",
            "docker login -u ann -p *** registry",
        );
        check("smbclient -U ann%geheim //h/s", "smbclient -U *** //h/s");
    }

    #[test]
    fn of_a_list_of_pairs() {
        let check = |text, expected| check(in_command, text, expected);
        check(
            "mount -t cifs //s/x /mnt -o username=bk,password=geheim",
            "mount -t cifs //s/x /mnt -o username=bk,password=***",
        );
        // A mark between pairs may be part of the password: what comes behind it is hidden, too.
        check(
            "mount -o password=geheim,vers=3.0 //s/x /mnt",
            "mount -o password=*** //s/x /mnt",
        );
        check("tool --password=a,b&c;d x", "tool --password=*** x");
        check(
            "curl -d 'user=a&password=geheim' https://h",
            "curl -d 'user=a&password=***' https://h",
        );
        check(
            "curl -d 'user=a&password=two words' https://h",
            "curl -d 'user=a&password=***' https://h",
        );
        check(
            "curl -s https://ann:geheim@h/x?a=1&token=geheim -o /x",
            "curl -s https://***@h/x?a=1&token=*** -o /x",
        );
        check(
            "kubectl create secret generic x --from-literal=password=geheim",
            "kubectl create secret generic x --from-literal=password=***",
        );
        check(
            "tool \"Server=db;User=x;Password=geheim\" y",
            "tool \"Server=db;User=x;Password=***\" y",
        );
        check(
            "tool \"Server=db;User ID=x;Password=two words;Encrypt=no\" y",
            "tool \"Server=db;User ID=x;Password=***\" y",
        );
        check(
            "tool \"Password=two words;User ID=ann\" y",
            "tool \"Password=***\" y",
        );
        check(
            "ann ALL=(root) /bin/mount -o username\\=bk\\,pass\\=geheim /mnt",
            "ann ALL=(root) /bin/mount -o username\\=bk\\,pass\\=*** /mnt",
        );
        check(
            "sh -c 'PGPASSWORD=geheim pg_dump db'; x",
            "sh -c 'PGPASSWORD=*** pg_dump db'; x",
        );
        check(
            "rd.luks.options=a,b ks=nfs:h:/x",
            "rd.luks.options=a,b ks=nfs:h:/x",
        );
    }

    #[test]
    fn of_a_line_without_any() {
        let check = |text, expected| check(in_command, text, expected);
        for harmless in [
            "test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }",
            "ann ALL=(root) NOPASSWD: /usr/bin/passwd ann",
            "tool --password-file /etc/x --password-file=/etc/y",
            "mkdir -p /x && ssh -p 22 ann@h",
            "mount -o username=bk,credentials=/etc/x.cred,vers=3.0 //s/x /mnt",
            "don't \"stop a=b;c=d",
            "  deb http://h/d   bookworm main",
            "",
        ] {
            check(harmless, harmless);
        }
    }
}
