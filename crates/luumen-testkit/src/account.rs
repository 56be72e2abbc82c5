//! Another account for a while, so that tests which run as root see what everybody else sees.

/// Does something with the rights of an account that owns nothing. Where the tests do not run as root, with their own.
pub fn as_nobody(work: impl FnOnce() + Send) {
    const NOBODY: u32 = 65_534;
    std::thread::scope(|scope| {
        let worked = scope.spawn(|| {
            // The rights of this thread and of those that it begins; the rest of the program keeps its own.
            #[cfg(target_os = "linux")]
            if nix::unistd::geteuid().is_root() {
                nix::unistd::setfsuid(nix::unistd::Uid::from_raw(NOBODY));
            }
            work();
        });
        if let Err(panic) = worked.join() {
            std::panic::resume_unwind(panic);
        }
    });
}
