//! `submit`: a form of a fetched page, sent as a browser would send it.

use crate::expect::Locator;

/// A form to find, fill in and send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitCall {
    /// The form, or an element inside it.
    pub form: Locator,
    /// The page to fetch for it; none for the page that the actor fetched last.
    pub page: Option<String>,
    /// Names and values to fill in. For a checkbox or radio button the value to check; an empty text unchecks.
    pub fields: Vec<(String, String)>,
    /// The button to press: a locator, or a button's name; the form's first where none is given.
    pub button: Option<Locator>,
}
