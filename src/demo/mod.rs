//! The site that ships inside.
