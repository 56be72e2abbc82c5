//! Which vulnerabilities a host has, and why we say so: facts and claims in, findings out.
