//! The system that a browser is to be installed on: its name, its package managers, what we may do there.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;

/// What `/etc/os-release` says (freedesktop.org, `os-release(5)`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OsRelease {
    /// `ID`, lower case: `debian`.
    pub id: String,
    /// `ID_LIKE`: the systems that this one is made from, the nearest first.
    pub id_like: Vec<String>,
}

impl OsRelease {
    /// Reads the file's text. Keys that it lacks stay empty; a text without `ID` means `linux`, as the standard says.
    pub fn read(text: &str) -> Self {
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='));
            line.map(|value| value.trim_matches(['"', '\'']).to_lowercase())
        };
        let id_like = value("ID_LIKE").unwrap_or_default();
        Self {
            id: value("ID").unwrap_or_else(|| "linux".to_owned()),
            id_like: id_like.split_whitespace().map(str::to_owned).collect(),
        }
    }

    /// Whether this is that system or made from it.
    pub fn is_like(&self, id: &str) -> bool {
        self.id == id || self.id_like.iter().any(|like| like == id)
    }
}

/// A package manager that we can ask for a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageManager {
    /// Debian, Ubuntu and what is made from them.
    Apt,
    /// Fedora, RHEL and its rebuilds.
    Dnf,
    /// Alpine.
    Apk,
    /// Arch.
    Pacman,
    /// openSUSE.
    Zypper,
    /// macOS.
    Brew,
}

impl PackageManager {
    /// All of them, a system's own before Homebrew.
    pub const ALL: [Self; 6] = [Self::Apt, Self::Dnf, Self::Apk, Self::Pacman, Self::Zypper, Self::Brew];

    /// The program to call.
    pub fn program(self) -> &'static str {
        match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Apk => "apk",
            Self::Pacman => "pacman",
            Self::Zypper => "zypper",
            Self::Brew => "brew",
        }
    }
}

/// The package managers in the folders of `path` (the variable `PATH`), best first.
pub fn find_package_managers(path: &OsStr) -> Vec<PackageManager> {
    PackageManager::ALL.into_iter().filter(|manager| has_program(path, manager.program())).collect()
}

/// How a command gets root's rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privilege {
    /// We are root.
    Root,
    /// `sudo`, which can ask for a password.
    Sudo,
    /// `sudo` where nobody can type a password.
    SudoWithoutPassword,
    /// Not at all.
    Missing,
}

/// How this process gets root's rights, `path` being the variable `PATH`.
pub fn find_privilege(path: &OsStr, is_terminal: bool) -> Privilege {
    match (rustix::process::geteuid().is_root(), has_program(path, "sudo"), is_terminal) {
        (true, _, _) => Privilege::Root,
        (false, true, true) => Privilege::Sudo,
        (false, true, false) => Privilege::SudoWithoutPassword,
        (false, false, _) => Privilege::Missing,
    }
}

/// Whether a program is in the folders of `path`.
pub fn has_program(path: &OsStr, program: &str) -> bool {
    std::env::split_paths(path).any(|folder| {
        let metadata = std::fs::metadata(folder.join(program));
        metadata.is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    })
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions, write};

    use super::*;

    #[test]
    fn a_release_file_names_the_system_and_its_ancestors() {
        let mint = OsRelease::read(
            "NAME=\"Linux Mint\"\nVERSION_ID=\"22\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
        );
        assert_eq!(mint.id, "linuxmint");
        assert!(mint.is_like("ubuntu") && mint.is_like("debian") && !mint.is_like("fedora"));
        assert_eq!(OsRelease::read("").id, "linux");
    }

    #[test]
    fn only_programs_that_can_be_run_are_found_in_path() {
        let folder = tempfile::tempdir().unwrap();
        for (program, mode) in [("brew", 0o755), ("dnf", 0o755), ("apk", 0o644)] {
            write(folder.path().join(program), "").unwrap();
            set_permissions(folder.path().join(program), Permissions::from_mode(mode)).unwrap();
        }
        let path = std::env::join_paths(["/nowhere".as_ref(), folder.path()]).unwrap();
        assert_eq!(find_package_managers(&path), [PackageManager::Dnf, PackageManager::Brew]);
        assert_eq!(find_package_managers(OsStr::new("")), []);
    }
}
