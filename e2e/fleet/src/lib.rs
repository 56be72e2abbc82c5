//! Holds nothing: the fleet test is in `tests/fleet.rs`.
