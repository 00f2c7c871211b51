//! Which commands get Chromium and its driver on a system.

use std::fmt;

use super::SetupError;
use super::system::{OsRelease, PackageManager, Privilege};

/// A command to show and to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallCommand {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// Whose command it is; none if it is Cargo's.
    pub manager: Option<PackageManager>,
}

/// What is to be run, and what a person should know before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallPlan {
    /// In this order; each must end well before the next.
    pub commands: Vec<InstallCommand>,
    /// One line each.
    pub notes: Vec<String>,
}

impl InstallCommand {
    /// What to do when it ended badly.
    pub(super) fn advice(&self) -> Vec<String> {
        let own = match self.manager {
            Some(PackageManager::Apt) => "is there a network, and does no other apt hold the lock?",
            Some(PackageManager::Dnf) => {
                "is there a network, and is a repository with chromium switched on (EPEL)?"
            }
            Some(PackageManager::Apk) => {
                "is there a network, and is the community repository in /etc/apk/repositories?"
            }
            Some(PackageManager::Pacman) => {
                "an older package list names files that are gone: `pacman -Syu` renews it"
            }
            Some(PackageManager::Zypper) => {
                "is there a network, and are the repositories fresh (`zypper refresh`)?"
            }
            Some(PackageManager::Brew) => "is there a network? `brew doctor` tells what else is wrong",
            None => {
                "is there a network, and a linker (gcc or clang)? Cargo builds the driver from its source"
            }
        };
        let mut advice = vec![own.to_owned()];
        if self.words.iter().any(|word| word == "-n") {
            advice.push("sudo may want a password: run the command in a terminal".to_owned());
        }
        advice.push(
            "the command above can be run by hand; then `smokegate setup` tells what is here".to_owned(),
        );
        advice
    }
}

/// As a shell would take it: no word of ours needs quoting.
impl fmt::Display for InstallCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words.join(" "))
    }
}

/// The commands that get Chromium from the first of the package managers.
pub fn plan_install(
    system: &OsRelease,
    managers: &[PackageManager],
    privilege: Privilege,
) -> Result<InstallPlan, SetupError> {
    let manager = *managers.first().ok_or(SetupError::NoPackageManager)?;
    plan_commands(package_commands(system, manager), manager, privilege)
}

/// The commands that these lines are, with `sudo` in front where it is needed.
pub(super) fn plan_commands(
    (lines, notes): (Lines, Lines),
    manager: PackageManager,
    privilege: Privilege,
) -> Result<InstallPlan, SetupError> {
    let prefix: &[&str] = match (manager, privilege) {
        (PackageManager::Brew, Privilege::Root) => return Err(SetupError::BrewAsRoot),
        (PackageManager::Brew, _) | (_, Privilege::Root | Privilege::Missing) => &[],
        (_, Privilege::Sudo) => &["sudo"],
        (_, Privilege::SudoWithoutPassword) => &["sudo", "-n"],
    };
    let commands: Vec<InstallCommand> = lines
        .iter()
        .map(|line| InstallCommand {
            words: prefix.iter().copied().chain(line.split(' ')).map(str::to_owned).collect(),
            manager: Some(manager),
        })
        .collect();
    if privilege == Privilege::Missing && manager != PackageManager::Brew {
        return Err(SetupError::NoPrivilege { commands });
    }
    Ok(InstallPlan { commands, notes: notes.iter().map(|note| (*note).to_owned()).collect() })
}

type Lines = &'static [&'static str];

const APT_INSTALL: &str = "apt-get install -y --no-install-recommends \
    chromium chromium-headless-shell chromium-driver chromium-sandbox fonts-liberation";

/// The commands as root runs them, and the notes.
fn package_commands(system: &OsRelease, manager: PackageManager) -> (Lines, Lines) {
    match manager {
        PackageManager::Apt if system.is_like("ubuntu") => (
            &["apt-get update", "apt-get install -y chromium-browser chromium-chromedriver"],
            &[
                "on Ubuntu these packages only call snap: snapd must run, which it does not in most containers",
                "without snapd take Chromium from elsewhere, or name a driver: smokegate run --webdriver URL",
            ],
        ),
        // What Chromium recommends beside these is a desktop: printing, a keyring, a file chooser.
        PackageManager::Apt => (&["apt-get update", APT_INSTALL], &[]),
        PackageManager::Dnf if system.is_like("rhel") && system.id != "fedora" => (
            &["dnf install -y epel-release", "dnf install -y chromium chromedriver"],
            &["Chromium is not in the system's own repositories but in EPEL, which is switched on first"],
        ),
        PackageManager::Dnf => (&["dnf install -y chromium chromedriver"], &[]),
        PackageManager::Apk => (&["apk add chromium chromium-chromedriver"], &[]),
        PackageManager::Pacman => (
            &["pacman -S --needed --noconfirm chromium"],
            &["Arch's package chromium holds chromedriver too"],
        ),
        PackageManager::Zypper => (&["zypper --non-interactive install chromium chromedriver"], &[]),
        PackageManager::Brew => (
            &["brew install --cask google-chrome chromedriver"],
            &[
                "Homebrew has no Chromium that macOS lets run: this gets Chrome, which is driven in the same way",
            ],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(id: &str, manager: PackageManager, privilege: Privilege) -> (Vec<String>, Vec<String>) {
        let system = OsRelease::read(&format!("ID={id}"));
        let plan = plan_install(&system, &[manager, PackageManager::Brew], privilege).unwrap();
        (plan.commands.iter().map(ToString::to_string).collect(), plan.notes)
    }

    #[test]
    fn each_system_gets_chromium_by_its_own_commands() {
        for (id, manager, expected) in [
            ("debian", PackageManager::Apt, APT_INSTALL),
            ("ubuntu", PackageManager::Apt, "apt-get install -y chromium-browser chromium-chromedriver"),
            ("fedora", PackageManager::Dnf, "dnf install -y chromium chromedriver"),
            ("alpine", PackageManager::Apk, "apk add chromium chromium-chromedriver"),
            ("arch", PackageManager::Pacman, "pacman -S --needed --noconfirm chromium"),
            (
                "opensuse-leap",
                PackageManager::Zypper,
                "zypper --non-interactive install chromium chromedriver",
            ),
        ] {
            assert_eq!(plan(id, manager, Privilege::Root).0.last().unwrap(), expected);
        }
        assert_eq!(plan("debian", PackageManager::Apt, Privilege::Root).0[0], "apt-get update");
        assert!(plan("ubuntu", PackageManager::Apt, Privilege::Root).1[0].contains("snapd must run"));
    }

    #[test]
    fn rebuilds_of_red_hat_switch_epel_on_first() {
        let rocky = OsRelease::read("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"");
        let plan = plan_install(&rocky, &[PackageManager::Dnf], Privilege::Root).unwrap();
        assert_eq!(plan.commands[0].to_string(), "dnf install -y epel-release");
    }

    #[test]
    fn sudo_stands_in_front_where_we_are_not_root() {
        let commands = |privilege| plan("debian", PackageManager::Apt, privilege).0;
        assert_eq!(commands(Privilege::Sudo)[0], "sudo apt-get update");
        assert_eq!(commands(Privilege::SudoWithoutPassword)[0], "sudo -n apt-get update");
    }

    #[test]
    fn without_a_way_to_root_the_commands_are_told() {
        let error = plan_install(&OsRelease::read("ID=debian"), &[PackageManager::Apt], Privilege::Missing)
            .unwrap_err();
        assert_eq!(error.to_string(), "installing needs root, and there is no sudo here");
        assert_eq!(error.advice()[2], format!("  {APT_INSTALL}"));
    }

    #[test]
    fn homebrew_needs_no_root_and_refuses_it() {
        let mac = OsRelease::read("");
        let plan = plan_install(&mac, &[PackageManager::Brew], Privilege::Sudo).unwrap();
        assert_eq!(plan.commands[0].to_string(), "brew install --cask google-chrome chromedriver");
        let refused = plan_install(&mac, &[PackageManager::Brew], Privilege::Root);
        assert!(matches!(refused, Err(SetupError::BrewAsRoot)));
        let nothing = plan_install(&mac, &[], Privilege::Root).unwrap_err();
        assert!(nothing.advice()[1].contains("--webdriver"));
    }
}
