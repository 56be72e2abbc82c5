//! luumen-server: the way in. Everything else is in the library, so that tests can start it too.

use std::process::ExitCode;

fn main() -> ExitCode {
    luumen_server::cli::main()
}
