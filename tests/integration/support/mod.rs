//! The program under test, and the real servers that it judges.

mod browser_page;
mod demo;
mod document;
mod program;
mod site;
mod tls_site;

pub(crate) use browser_page::{judge, judge_at, page, pages};
pub(crate) use demo::Demo;
pub(crate) use document::Document;
pub(crate) use program::{Output, Program, golden, signal, smokegate};
pub(crate) use site::Site;
pub(crate) use tls_site::TlsSite;

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

/// Copies a folder with everything in it.
pub(crate) fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
