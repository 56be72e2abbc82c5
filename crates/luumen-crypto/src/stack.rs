//! Work that has a secret on the stack, and leaves none there.

use std::hint::black_box;

/// More than any of our ciphers, hashes and signatures goes down; a thread of ours has 2 MB.
const DEPTH: usize = 128 * 1024;

/// Does work and writes over the stack that it used. What a key is moved or copied to on its way is wiped by nobody else; what
/// the work answers is not touched, so it should be no secret itself, or one behind a pointer.
pub fn wiped<T>(work: impl FnOnce() -> T) -> T {
    let done = below(work);
    write_over();
    done
}

/// A frame of its own, so that all of the work lies below the caller's.
#[inline(never)]
fn below<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
fn write_over() {
    let mut zeros = [0_u8; DEPTH];
    black_box(&mut zeros);
}

#[cfg(test)]
mod tests {
    use super::wiped;

    #[test]
    fn answers_what_the_work_does() {
        let secret = [7_u8; 32];
        assert_eq!(
            wiped(|| secret.iter().map(|byte| u32::from(*byte)).sum::<u32>()),
            224
        );
    }
}
