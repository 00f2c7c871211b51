//! The program under test, and the real servers that it judges.

mod demo;
mod document;
mod program;
mod site;

pub(crate) use demo::Demo;
pub(crate) use document::Document;
pub(crate) use program::{Output, golden, smokegate};
pub(crate) use site::Site;

/// A folder with these spec files in it.
pub(crate) fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}
