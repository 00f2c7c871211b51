//! What a stylesheet names (CSS Syntax 3, CSS Values 4, CSS Fonts 4). Pure.

use cssparser::{ParseError, Parser, Token};

/// What a stylesheet names something as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CssUse {
    /// `@import`.
    Import,
    /// `src` of `@font-face`.
    Font,
    /// Anything else: backgrounds, cursors, masks, `image-set()`.
    Image,
}

/// An address in a stylesheet, as it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CssReference {
    pub(super) address: String,
    pub(super) used_as: CssUse,
}

/// The font formats that no browser loads any more.
const DEAD_FORMATS: &[&str] = &["embedded-opentype", "svg"];

/// The addresses in a stylesheet, in order.
pub(super) fn read_stylesheet(css: &str) -> Vec<CssReference> {
    read(css, true)
}

/// The addresses in a `style` attribute, in order.
pub(super) fn read_style_attribute(css: &str) -> Vec<CssReference> {
    read(css, false)
}

fn read(css: &str, may_import: bool) -> Vec<CssReference> {
    let mut found = Vec::new();
    read_rules(&mut Parser::new(css), may_import, &mut found);
    found
}

/// Reads tokens to the end. Imports count before the first rule only (CSS Cascade 5, section 2).
fn read_rules(parser: &mut Parser<'_>, mut may_import: bool, found: &mut Vec<CssReference>) {
    while let Ok(token) = parser.next().cloned() {
        match token {
            Token::AtKeyword(name) => match name.to_ascii_lowercase().as_str() {
                "import" => {
                    let address = read_address(parser);
                    skip_statement(parser);
                    found.extend(
                        address
                            .filter(|_| may_import)
                            .map(|address| CssReference { address, used_as: CssUse::Import }),
                    );
                }
                "namespace" | "charset" => skip_statement(parser),
                "layer" => {}
                "font-face" => {
                    may_import = false;
                    read_font_face(parser, found);
                }
                _ => may_import = false,
            },
            Token::UnquotedUrl(address) => found.push(image(&address)),
            Token::Function(name) => {
                may_import = false;
                read_function(parser, &name, found);
            }
            Token::CurlyBracketBlock | Token::ParenthesisBlock | Token::SquareBracketBlock => {
                may_import = false;
                read_nested(parser, |inner| read_rules(inner, false, found));
            }
            Token::CDO | Token::CDC | Token::Semicolon => {}
            // Names of layers may stand before imports: `@layer base, site;`.
            Token::Ident(_) | Token::Comma | Token::Delim('.') if may_import => {}
            _ => may_import = false,
        }
    }
}

fn image(address: &str) -> CssReference {
    CssReference { address: address.to_owned(), used_as: CssUse::Image }
}

fn read_function(parser: &mut Parser<'_>, name: &str, found: &mut Vec<CssReference>) {
    match name.to_ascii_lowercase().as_str() {
        "url" | "src" => found.extend(read_string(parser).map(|address| image(&address))),
        "image-set" | "-webkit-image-set" => read_nested(parser, |inner| {
            while let Ok(token) = inner.next().cloned() {
                match token {
                    Token::UnquotedUrl(address) | Token::QuotedString(address) => found.push(image(&address)),
                    Token::Function(name) if !name.eq_ignore_ascii_case("type") => {
                        read_function(inner, &name, found);
                    }
                    Token::Function(_) => read_nested(inner, |_| {}),
                    _ => {}
                }
            }
        }),
        _ => read_nested(parser, |inner| read_rules(inner, false, found)),
    }
}

/// The block of `@font-face`: of several `src` the last one holds, as in every cascade.
fn read_font_face(parser: &mut Parser<'_>, found: &mut Vec<CssReference>) {
    if !matches!(parser.next(), Ok(Token::CurlyBracketBlock)) {
        return;
    }
    let mut sources: Vec<(String, Option<String>)> = Vec::new();
    read_nested(parser, |inner| {
        let mut is_start = true;
        let mut is_source = false;
        while let Ok(token) = inner.next().cloned() {
            let starts_declaration = std::mem::replace(&mut is_start, matches!(token, Token::Semicolon));
            match token {
                Token::Ident(name) if starts_declaration => {
                    is_source = name.eq_ignore_ascii_case("src");
                    if is_source {
                        sources.clear();
                    }
                }
                Token::UnquotedUrl(address) if is_source => sources.push((address.to_string(), None)),
                Token::Function(name) if is_source && name.eq_ignore_ascii_case("url") => {
                    sources.extend(read_string(inner).map(|address| (address, None)));
                }
                Token::Function(name) if is_source && name.eq_ignore_ascii_case("format") => {
                    if let (Some(source), Some(format)) = (sources.last_mut(), read_string(inner)) {
                        source.1 = Some(format.to_ascii_lowercase());
                    }
                }
                Token::Function(_) => read_nested(inner, |_| {}),
                _ => {}
            }
        }
    });
    let is_alive =
        |format: &Option<String>| format.as_deref().is_none_or(|format| !DEAD_FORMATS.contains(&format));
    found.extend(
        sources
            .into_iter()
            .filter(|(_, format)| is_alive(format))
            .map(|(address, _)| CssReference { address, used_as: CssUse::Font }),
    );
}

/// The string or name inside a function that was just entered.
fn read_string(parser: &mut Parser<'_>) -> Option<String> {
    let mut text = None;
    read_nested(parser, |inner| {
        text = match inner.next() {
            Ok(Token::QuotedString(value) | Token::Ident(value)) => Some(value.to_string()),
            _ => None,
        };
    });
    text
}

/// The address of an `@import`.
fn read_address(parser: &mut Parser<'_>) -> Option<String> {
    match parser.next().cloned() {
        Ok(Token::QuotedString(address) | Token::UnquotedUrl(address)) => Some(address.to_string()),
        Ok(Token::Function(name)) if name.eq_ignore_ascii_case("url") => read_string(parser),
        _ => None,
    }
}

fn skip_statement(parser: &mut Parser<'_>) {
    while let Ok(token) = parser.next() {
        if matches!(token, Token::Semicolon | Token::CurlyBracketBlock) {
            return;
        }
    }
}

/// Reads inside the block or function that was just entered, all of it.
fn read_nested(parser: &mut Parser<'_>, mut read: impl FnMut(&mut Parser<'_>)) {
    let _: Result<(), ParseError<()>> = parser.parse_nested_block(|inner| {
        read(inner);
        while inner.next().is_ok() {}
        Ok(())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(css: &str) -> Vec<(String, CssUse)> {
        read_stylesheet(css).into_iter().map(|found| (found.address, found.used_as)).collect()
    }

    #[test]
    fn finds_what_each_rule_names() {
        use CssUse::{Font, Image, Import};
        let cases: &[(&str, &[(&str, CssUse)])] = &[
            (
                "@import 'a.css'; @import url(b.css) screen; @import url(\"c.css\") layer(x);",
                &[("a.css", Import), ("b.css", Import), ("c.css", Import)],
            ),
            (
                "@charset 'utf-8'; @layer a, b.c; @import 'a.css'; p { color: red } @import 'late.css';",
                &[("a.css", Import)],
            ),
            (
                "@namespace svg url(http://www.w3.org/2000/svg); p { background: url( 'x y.png' ) }",
                &[("x y.png", Image)],
            ),
            (
                "/* url(no.png) */ p::after { content: 'url(no.png)'; cursor: url(c.cur), auto }",
                &[("c.cur", Image)],
            ),
            ("@media print { .a { mask: url(m.svg#x) } }", &[("m.svg#x", Image)]),
            (
                "p { background: image-set('a.avif' type('image/avif') 1x, url(b.png) 2x) }",
                &[("a.avif", Image), ("b.png", Image)],
            ),
            (
                "@font-face { font-family: X; src: url(old.eot); src: url(x.eot?#iefix) format('embedded-opentype'), \
              local('X'), url(x.woff2) format(woff2), url('x.woff') format('woff'), url(x.svg) format('svg'); \
              font-weight: 400 } p { background: url(after.png) }",
                &[("x.woff2", Font), ("x.woff", Font), ("after.png", Image)],
            ),
            ("p { --x: url(v.png) } broken { { url(in.png) ", &[("v.png", Image), ("in.png", Image)]),
            ("p { width: calc(1px + (2px)) } @import 'late.css'", &[]),
        ];
        for (css, found) in cases {
            let found: Vec<(String, CssUse)> =
                found.iter().map(|(address, used_as)| ((*address).to_owned(), *used_as)).collect();
            assert_eq!(names(css), found, "{css}");
        }
    }

    #[test]
    fn style_attributes_name_images() {
        let found = read_style_attribute("color: red; background: url(a.png)");
        assert_eq!(found, [CssReference { address: "a.png".to_owned(), used_as: CssUse::Image }]);
    }
}
