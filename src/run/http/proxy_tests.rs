//! Requests through a real proxy on loopback.
