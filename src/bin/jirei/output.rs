//! Everything said on the terminal: errors, diagnostics with their excerpts, messages.

use std::borrow::Cow;
use std::io::{IsTerminal, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, renderer::DecorStyle};
use jirei::diagnostic::{Diagnostic, Note, Severity};
use unicode_width::UnicodeWidthStr;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// 端末に書くときだけ
    Auto,
    /// いつも
    Always,
    /// 使わない
    Never,
}

/// Where messages go and how they look.
#[derive(Debug)]
pub struct Output {
    is_colored: bool,
    is_stdout_colored: bool,
    is_quiet: bool,
    is_verbose: bool,
}

impl Output {
    pub fn new(color: Color, is_quiet: bool, is_verbose: bool) -> Self {
        let colored = |is_terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                is_terminal
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        };
        Output {
            is_colored: colored(std::io::stderr().is_terminal()),
            is_stdout_colored: colored(std::io::stdout().is_terminal()),
            is_quiet,
            is_verbose,
        }
    }

    /// Whether results on stdout may be coloured.
    pub fn is_stdout_colored(&self) -> bool {
        self.is_stdout_colored
    }

    pub fn is_verbose(&self) -> bool {
        self.is_verbose
    }

    pub fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// A line for the user, unless they asked for quiet.
    pub fn say(&self, message: &str) {
        if !self.is_quiet {
            // Nobody listening is no reason to fail.
            let _ = writeln!(std::io::stderr(), "{message}");
        }
    }

    /// A line that belongs to what was found, and is said with it.
    pub fn remark(&self, message: &str) {
        let _ = writeln!(std::io::stderr(), "{message}\n");
    }

    /// What the user must know even if they asked for quiet.
    pub fn warn(&self, message: &str) {
        let title = if self.is_colored { "\u{1b}[1;33m注意\u{1b}[0m" } else { "注意" };
        let _ = writeln!(std::io::stderr(), "{title}: {message}");
    }

    /// A line for whoever looks into a run, only if they asked for it.
    pub fn detail(&self, message: &str) {
        if self.is_verbose {
            let _ = writeln!(std::io::stderr(), "  詳細: {message}");
        }
    }

    /// Why the run ends, and what to do.
    pub fn error(&self, problem: &str, mend: Option<&str>) {
        let title = if self.is_colored { "\u{1b}[1;31mエラー\u{1b}[0m" } else { "エラー" };
        let mut stderr = std::io::stderr().lock();
        let _ = writeln!(stderr, "{title}: {problem}");
        if let Some(mend) = mend {
            let _ = writeln!(stderr, "  直し方: {mend}");
        }
    }

    /// One diagnostic with its excerpt.
    pub fn diagnostic(&self, diagnostic: &Diagnostic) {
        let _ = writeln!(std::io::stderr(), "{}\n", self.render(diagnostic));
    }

    /// The diagnostic as it is shown: long lists only as far as they are read, unless asked for more.
    pub fn render(&self, diagnostic: &Diagnostic) -> String {
        let level = match diagnostic.kind.severity() {
            Severity::Error => Level::ERROR.with_name(Severity::Error.as_str()),
            Severity::Warning => Level::WARNING.with_name(Severity::Warning.as_str()),
            Severity::Note => Level::NOTE.with_name(Severity::Note.as_str()),
        };
        let annotation =
            AnnotationKind::Primary.span(diagnostic.range.clone()).label(label(&diagnostic.label));
        let mut snippet =
            Snippet::source(&*diagnostic.file.text).path(&*diagnostic.file.name).annotation(annotation);
        let mut elsewhere = None;
        match &diagnostic.related {
            Some((site, related)) if site.file == diagnostic.file => {
                // Beside a caret of the same line, a label of full-width characters would push that caret out of its
                // place: annotate-snippets counts it in characters, not in cells.
                let (first, last) =
                    (site.range.end.min(diagnostic.range.end), site.range.start.max(diagnostic.range.start));
                let is_elsewhere = diagnostic.file.text[first.min(last)..last].contains('\n');
                let label = if is_elsewhere { label(related) } else { None };
                snippet = snippet.annotation(AnnotationKind::Context.span(site.range.clone()).label(label));
            }
            Some((site, related)) => {
                let annotation = AnnotationKind::Context.span(site.range.clone()).label(label(related));
                let snippet = Snippet::source(&*site.file.text).path(&*site.file.name);
                elsewhere = Some(snippet.annotation(annotation));
            }
            None => {}
        }
        let title = level.primary_title(&diagnostic.title).id(diagnostic.kind.id());
        let mut group: Group<'_> = if diagnostic.kind.is_summary() {
            let (line, column) = diagnostic.line_column();
            title.element(Origin::path(&*diagnostic.file.name).line(line).char_column(column))
        } else {
            title.element(snippet)
        };
        if let Some(snippet) = elsewhere {
            group = group.element(snippet);
        }
        for note in self.notes(&diagnostic.notes) {
            group = group.element(Level::NOTE.with_name("参考").message(note));
        }
        if !diagnostic.mend.is_empty() {
            group = group.element(Level::HELP.with_name("直し方").message(&diagnostic.mend));
        }
        let renderer = if self.is_colored { Renderer::styled() } else { Renderer::plain() };
        renderer.decor_style(DecorStyle::Ascii).render(&[group])
    }
}

impl Output {
    /// Further facts, as many as fit in a few lines.
    fn notes(&self, notes: &[Note]) -> Vec<String> {
        /// Lines shown.
        const LINES: usize = 5;
        if self.is_verbose {
            return notes.iter().map(Note::to_string).collect();
        }
        let shown = if notes.len() > LINES { LINES - 1 } else { notes.len() };
        let mut lines: Vec<String> = notes[..shown].iter().map(shortened).collect();
        if shown < notes.len() {
            lines.push(format!("ほか {} 行（`-v` で全部）", notes.len() - shown));
        }
        lines
    }
}

/// The note with as many of its items as fit, and how many are left.
fn shortened(note: &Note) -> String {
    /// Cells of a list.
    const ROOM: usize = 120;
    let mut line = note.head.clone();
    for (at, item) in note.items.iter().enumerate() {
        if at > 0 && line.width() + item.width() > ROOM {
            return format!("{line} ほか {} 個（`-v` で全部）", note.items.len() - at);
        }
        if at > 0 {
            line += Note::SEPARATOR;
        }
        line += item;
    }
    line
}

fn label(text: &str) -> Option<Cow<'_, str>> {
    (!text.is_empty()).then_some(Cow::Borrowed(text))
}
