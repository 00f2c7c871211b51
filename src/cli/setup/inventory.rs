//! What is here, as a table for people.

use std::path::PathBuf;

/// A browser or a driver that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundProgram {
    /// Its version as it says it, without its name: `156.0.8078.73`; empty if it does not say.
    pub version: String,
    /// Where it is.
    pub path: PathBuf,
}

/// A kind of browser, with what was found of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundBrowser {
    /// The browser's name: `Chromium`.
    pub name: String,
    /// Its driver's name: `ChromeDriver`.
    pub driver_name: String,
    /// The browser, if it is here.
    pub browser: Option<FoundProgram>,
    /// The driver, if it is here.
    pub driver: Option<FoundProgram>,
    /// Whether the two work together; of no matter where one is missing.
    pub fits: bool,
}

impl FoundBrowser {
    /// Whether browser steps can run with it.
    pub fn is_usable(&self) -> bool {
        self.browser.is_some() && self.driver.is_some() && self.fits
    }
}

/// The table: a line for each browser and driver, then what follows from it. Ends with a line break.
pub fn render_inventory(found: &[FoundBrowser]) -> String {
    let rows: Vec<[String; 3]> = found.iter().flat_map(render_rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let (first, second) = (width(0), width(1));
    let lines = rows.iter().map(|[program, path, remark]| {
        let line = format!("{program:first$}  {path:second$}  {remark}");
        line.trim_end().to_owned()
    });
    let mut text = lines.collect::<Vec<_>>().join("\n");
    text.push('\n');
    text.push_str(&render_conclusion(found));
    text
}

fn render_rows(found: &FoundBrowser) -> [[String; 3]; 2] {
    let row = |name: &str, program: Option<&FoundProgram>, remark: &str| match program {
        Some(FoundProgram { version, path }) => {
            [format!("{name} {version}").trim_end().to_owned(), path.display().to_string(), remark.to_owned()]
        }
        None => [name.to_owned(), "not found".to_owned(), String::new()],
    };
    let remark = match (&found.browser, found.fits) {
        (None, _) => "",
        (Some(_), true) => "fits",
        (Some(_), false) => "does not fit the browser",
    };
    [row(&found.name, found.browser.as_ref(), ""), row(&found.driver_name, found.driver.as_ref(), remark)]
}

fn render_conclusion(found: &[FoundBrowser]) -> String {
    let usable: Vec<&str> =
        found.iter().filter(|browser| browser.is_usable()).map(|browser| browser.name.as_str()).collect();
    if usable.is_empty() {
        "\nno browser can be used for browser steps; `smokegate setup --install` gets Chromium and its driver\n"
            .to_owned()
    } else {
        format!("\nbrowser steps can run with {}\n", usable.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(browser: Option<(&str, &str)>, driver: Option<(&str, &str)>, fits: bool) -> FoundBrowser {
        let program = |(version, path): (&str, &str)| FoundProgram {
            version: version.to_owned(),
            path: PathBuf::from(path),
        };
        FoundBrowser {
            name: "Chromium".to_owned(),
            driver_name: "ChromeDriver".to_owned(),
            browser: browser.map(program),
            driver: driver.map(program),
            fits,
        }
    }

    #[test]
    fn what_is_here_stands_in_columns_with_the_conclusion() {
        let version = "156.0.8078.73";
        let chromium =
            found(Some((version, "/usr/bin/chromium")), Some((version, "/usr/bin/chromedriver")), true);
        let firefox = FoundBrowser {
            name: "Firefox".to_owned(),
            driver_name: "geckodriver".to_owned(),
            ..found(Some(("153.0", "/usr/bin/firefox-esr")), None, true)
        };
        let expected = "\
Chromium 156.0.8078.73      /usr/bin/chromium
ChromeDriver 156.0.8078.73  /usr/bin/chromedriver  fits
Firefox 153.0               /usr/bin/firefox-esr
geckodriver                 not found

browser steps can run with Chromium
";
        assert_eq!(render_inventory(&[chromium, firefox]), expected);
    }

    #[test]
    fn a_driver_that_does_not_fit_or_is_missing_is_no_browser() {
        let other = found(Some(("156.0", "/a")), Some(("155.0", "/b")), false);
        let text = render_inventory(&[other]);
        assert!(text.contains("/b  does not fit the browser\n"), "{text}");
        assert!(text.ends_with("`smokegate setup --install` gets Chromium and its driver\n"));
        assert!(!found(None, Some(("156.0", "/b")), true).is_usable());
    }
}
