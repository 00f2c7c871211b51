//! Which commands get Firefox and geckodriver on a system.

use super::plan::plan_commands;
use super::system::{OsRelease, PackageManager, Privilege};
use super::{InstallCommand, InstallPlan, SetupError};

/// How geckodriver comes where it is in no package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriverSource {
    /// It is here already.
    Here,
    /// Cargo builds it.
    Cargo,
    /// Somebody must get it.
    Nowhere,
}

/// The commands for the first of the package managers, then Cargo's where no package has the driver.
pub fn plan_firefox(
    system: &OsRelease,
    managers: &[PackageManager],
    privilege: Privilege,
    driver: DriverSource,
) -> Result<InstallPlan, SetupError> {
    let manager = *managers.first().ok_or(SetupError::NoPackageManager)?;
    let mut plan = plan_commands(firefox_commands(system, manager), manager, privilege)?;
    match driver {
        _ if has_driver(system, manager) => {}
        DriverSource::Here => {}
        DriverSource::Cargo => plan.commands.push(InstallCommand {
            words: CARGO_INSTALL.split(' ').map(str::to_owned).collect(),
            manager: None,
        }),
        DriverSource::Nowhere => plan.notes.push(format!(
            "no package of this system has geckodriver: `{CARGO_INSTALL}` builds it (https://rustup.rs gets cargo), or \
             take it from https://github.com/mozilla/geckodriver/releases into a folder of PATH"
        )),
    }
    Ok(plan)
}

const CARGO_INSTALL: &str = "cargo install geckodriver --locked";

type Lines = &'static [&'static str];

/// The commands as root runs them, and the notes.
fn firefox_commands(system: &OsRelease, manager: PackageManager) -> (Lines, Lines) {
    match manager {
        PackageManager::Apt if system.is_like("ubuntu") => (
            &["apt-get update", "apt-get install -y firefox"],
            &["on Ubuntu this package only calls snap: snapd must run, which it does not in most containers"],
        ),
        PackageManager::Apt => (
            &["apt-get update", "apt-get install -y --no-install-recommends firefox-esr fonts-liberation"],
            &[],
        ),
        PackageManager::Dnf => (&["dnf install -y firefox"], &[]),
        PackageManager::Apk => (&["apk add firefox"], &[]),
        PackageManager::Pacman => (&["pacman -S --needed --noconfirm firefox geckodriver"], &[]),
        PackageManager::Zypper => (&["zypper --non-interactive install MozillaFirefox"], &[]),
        PackageManager::Brew => (&["brew install --cask firefox", "brew install geckodriver"], &[]),
    }
}

/// Whether the driver comes with those packages; that of Ubuntu's snap lies in `/snap/bin`.
fn has_driver(system: &OsRelease, manager: PackageManager) -> bool {
    match manager {
        PackageManager::Apt => system.is_like("ubuntu"),
        PackageManager::Pacman | PackageManager::Brew => true,
        PackageManager::Dnf | PackageManager::Apk | PackageManager::Zypper => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(id: &str, manager: PackageManager, driver: DriverSource) -> (Vec<String>, Vec<String>) {
        let system = OsRelease::read(&format!("ID={id}"));
        let plan = plan_firefox(&system, &[manager], Privilege::Sudo, driver).unwrap();
        (plan.commands.iter().map(ToString::to_string).collect(), plan.notes)
    }

    #[test]
    fn cargo_builds_the_driver_where_no_package_has_it_and_it_is_not_here() {
        let (commands, notes) = plan("debian", PackageManager::Apt, DriverSource::Cargo);
        assert!(commands[1].starts_with("sudo apt-get install -y --no-install-recommends firefox-esr"));
        assert_eq!(commands[2], CARGO_INSTALL, "cargo installs for who calls it");
        assert!(notes.is_empty());
        assert_eq!(plan("debian", PackageManager::Apt, DriverSource::Here).0.len(), 2);
        assert_eq!(plan("arch", PackageManager::Pacman, DriverSource::Cargo).0.len(), 1);
        assert!(plan("ubuntu", PackageManager::Apt, DriverSource::Nowhere).1[0].contains("snapd must run"));
    }

    #[test]
    fn without_cargo_it_is_told_where_the_driver_comes_from() {
        let (commands, notes) = plan("fedora", PackageManager::Dnf, DriverSource::Nowhere);
        assert_eq!(commands, ["sudo dnf install -y firefox"]);
        assert!(notes[0].contains(CARGO_INSTALL) && notes[0].contains("geckodriver/releases"), "{notes:?}");
    }
}
