//! Where the desktop keeps what, after the XDG rules.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

/// The folders of one person on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Places {
    /// The person's home.
    pub(crate) home: PathBuf,
    /// Everything that must not be lost: the store, logs, scans.
    pub(crate) data: PathBuf,
    /// The log of crashes.
    pub(crate) crash_log: PathBuf,
    /// What the web view keeps, if it is allowed to keep anything.
    pub(crate) webview: PathBuf,
}

impl Places {
    /// The usual folders, or all of them in `data_dir`.
    pub(crate) fn find(data_dir: Option<PathBuf>) -> anyhow::Result<Self> {
        let home = env::home_dir()
            .filter(|home| home.is_absolute())
            .context("it is not known where your home folder is; set HOME")?;
        if let Some(data) = data_dir {
            let data = std::path::absolute(&data).context("the data folder cannot be named")?;
            return Ok(Self::beside(home, data));
        }
        Ok(Self::of(home, |name| env::var_os(name).map(PathBuf::from)))
    }

    /// The folders that these variables name.
    fn of(home: PathBuf, variable: impl Fn(&str) -> Option<PathBuf>) -> Self {
        // Paths that are not absolute are to be passed over, the specification says.
        let base = |name: &str, usual: &str| {
            variable(name)
                .filter(|path| path.is_absolute())
                .unwrap_or_else(|| home.join(usual))
                .join("luumen/desktop")
        };
        Self {
            data: base("XDG_DATA_HOME", ".local/share"),
            crash_log: base("XDG_STATE_HOME", ".local/state").join("crash.log"),
            webview: base("XDG_CACHE_HOME", ".cache").join("webview"),
            home,
        }
    }

    fn beside(home: PathBuf, data: PathBuf) -> Self {
        Self {
            crash_log: data.join("crash.log"),
            webview: data.join("webview"),
            home,
            data,
        }
    }
}

/// Makes a folder that only this person can look into.
pub(crate) fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Places;

    #[track_caller]
    fn check(variables: &[(&str, &str)], data: &str, crash_log: &str) {
        let places = Places::of(PathBuf::from("/home/ada"), |name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| PathBuf::from(value))
        });
        assert_eq!(places.data, PathBuf::from(data));
        assert_eq!(places.crash_log, PathBuf::from(crash_log));
    }

    #[test]
    fn without_variables_the_folders_are_in_the_home() {
        check(
            &[],
            "/home/ada/.local/share/luumen/desktop",
            "/home/ada/.local/state/luumen/desktop/crash.log",
        );
    }

    #[test]
    fn variables_move_them_unless_they_are_relative() {
        check(
            &[("XDG_DATA_HOME", "/data"), ("XDG_STATE_HOME", "state")],
            "/data/luumen/desktop",
            "/home/ada/.local/state/luumen/desktop/crash.log",
        );
    }
}
