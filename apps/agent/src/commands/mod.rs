//! The subcommands, one room each. They read what they need, do one thing and say how it went.

pub(crate) mod catalogue;
pub(crate) mod check;
pub(crate) mod hostkeys;
pub(crate) mod run;
