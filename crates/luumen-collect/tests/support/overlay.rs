//! This machine under an overlay: a host that can be changed between visits without anybody else noticing.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::LocalShell;

/// Holds the overlay in a mount namespace of its own until its standard input closes.
const HOLD: &str =
    "set -e; d=$(mktemp -d /dev/shm/luumen.XXXXXX); trap 'umount -R $d 2>/dev/null; rmdir $d' EXIT
    mount -t tmpfs tmpfs $d; mkdir $d/up $d/work $d/root
    mount -t overlay overlay -o lowerdir=/,upperdir=$d/up,workdir=$d/work $d/root
    mount -t proc proc $d/root/proc; mount --rbind /sys $d/root/sys; mount --rbind /dev $d/root/dev
    echo $d; cat";

/// The host; it goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Overlay {
    holder: Child,
    root: PathBuf,
}

impl Overlay {
    /// `None` where overlays cannot be made: without root, or in a container that forbids it.
    pub(crate) fn make() -> Option<Self> {
        let mut holder = Command::new("unshare")
            .args(["--mount", "sh", "-c", HOLD])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut line = String::new();
        BufReader::new(holder.stdout.take()?).read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            let _ = holder.wait();
            return None;
        }
        let root = PathBuf::from(line.trim()).join("root");
        Some(Self { holder, root })
    }

    fn enter(&self, user: &str) -> Vec<String> {
        let root = self.root.display();
        format!(
            "nsenter -t {} -m chroot --userspec={user} {root} /bin/sh",
            self.holder.id()
        )
        .split(' ')
        .map(str::to_owned)
        .collect()
    }

    /// Signs in.
    pub(crate) fn shell(&self, user: &str) -> LocalShell {
        LocalShell {
            words: self.enter(user),
        }
    }

    /// Changes something, as root; gives what was printed.
    #[track_caller]
    pub(crate) fn change(&self, script: &str) -> String {
        let words = self.enter("root:root");
        let done = Command::new(&words[0])
            .args(&words[1..])
            .args(["-ec", script])
            .output();
        let done = done.expect("nsenter");
        assert!(done.status.success(), "{script}: {done:?}");
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    /// What was written, made or removed since `stamp` was called last.
    pub(crate) fn written(&self) -> String {
        let upper = self.root.with_file_name("up");
        let script = format!(
            "cd {0}; find . -newer ../stamp; find . | sort | comm -13 ../names -",
            upper.display()
        );
        self.outside(&script)
    }

    /// From now on, what is written counts.
    pub(crate) fn stamp(&self) {
        let upper = self.root.with_file_name("up");
        self.outside(&format!(
            "cd {}; find . | sort >../names; touch ../stamp; sleep 0.05",
            upper.display()
        ));
    }

    /// Runs in the mount namespace, outside of the host.
    #[track_caller]
    fn outside(&self, script: &str) -> String {
        let done = Command::new("nsenter")
            .args(["-t", &self.holder.id().to_string(), "-m", "sh", "-ec", script])
            .output()
            .expect("nsenter");
        assert!(done.status.success(), "{script}: {done:?}");
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    /// Waits until what changed last has settled, so that answers are kept.
    pub(crate) fn settle() {
        std::thread::sleep(Duration::from_millis(2200));
    }

    /// Puts a spy in front of a program of the host, which counts how often it is started.
    pub(crate) fn spy_on(&self, program: &str) {
        self.change(&format!(
            "mv /usr/bin/{program} /usr/bin/{program}.real; touch /spied.{program}; chmod 666 /spied.{program}
             printf '#!/bin/sh\\necho >>/spied.{program}\\nexec /usr/bin/{program}.real \"$@\"\\n' >/usr/bin/{program}
             chmod 755 /usr/bin/{program}"
        ));
    }

    /// How often the program was started since the last question.
    pub(crate) fn started(&self, program: &str) -> usize {
        let lines = self.change(&format!("cat /spied.{program}; : >/spied.{program}"));
        lines.lines().count()
    }
}

impl Drop for Overlay {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
        // The namespace took the mount along; an empty folder may be left.
        if let Some(folder) = self.root.parent() {
            let _ = fs::remove_dir(folder);
        }
    }
}
