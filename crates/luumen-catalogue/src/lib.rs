//! What the world says about vulnerabilities, as one immutable file: written once, read in place.
