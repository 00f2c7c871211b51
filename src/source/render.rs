//! Problems as people read them: the message, the place, the source underlined, what to do.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Span};

/// Renders problems in the order given, a blank line between them, in colour if asked.
pub fn render_diagnostics(diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let rendered: Vec<String> = diagnostics.iter().map(|one| render_one(&renderer, one)).collect();
    rendered.join("\n\n")
}

fn render_one(renderer: &Renderer, diagnostic: &Diagnostic) -> String {
    let file = &diagnostic.file;
    let title = Level::ERROR.primary_title(&diagnostic.message);
    let mut group = match diagnostic.span {
        Some(span) => {
            let span = visible(span, &file.text);
            let (line, _) = file.line_and_column(span.start);
            // Only its own line: a renderer that sees the whole file needs time for it at each problem.
            let start = file.offset(line, 1);
            let text = file.line(line);
            let inside = |offset: usize| (offset.max(start) - start).min(text.len());
            let mut mark = AnnotationKind::Primary.span(inside(span.start)..inside(span.end));
            if let Some(label) = &diagnostic.label {
                mark = mark.label(label);
            }
            let snippet = Snippet::source(text).line_start(line).path(&file.name).fold(true).annotation(mark);
            title.element(snippet)
        }
        None => Group::with_title(title).element(Origin::path(&file.name)),
    };
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    renderer.render(&[group])
}

/// A span that is inside the text, on character boundaries, and ends on the line on which it begins.
fn visible(span: Span, text: &str) -> Span {
    let floor = |mut offset: usize| {
        offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = floor(span.start);
    let end = floor(span.end).max(start);
    let end = text[start..end].find(['\r', '\n']).map_or(end, |length| start + length);
    Span { start, end }
}
