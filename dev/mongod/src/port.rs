//! Free ports for servers.
//!
//! A server that is killed must find its port free when it comes back. Ports from the range which the
//! system gives to outgoing connections would not be: the very clients that try to reach the dead
//! server could be given its port. So these are taken from below that range, at random.

use std::net::{Ipv4Addr, TcpListener};

/// Below 32768, where Linux's outgoing ports begin.
const RANGE: std::ops::Range<u16> = 18_000..32_000;

/// A port that was free a moment ago. Whoever takes it must be ready to find it taken.
pub(crate) fn free() -> u16 {
    loop {
        let port = rand::random_range(RANGE);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
