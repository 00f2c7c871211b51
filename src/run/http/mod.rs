//! Room `http`.
