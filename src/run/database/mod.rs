//! Room `database`.
