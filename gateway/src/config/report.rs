//! What is wrong with a configuration, for people (each mistake under its line) and for programs.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use codespan_reporting::diagnostic::{Diagnostic, Label, Severity};
use codespan_reporting::files::SimpleFiles;
use codespan_reporting::term::{Config as Style, emit_to_string, emit_to_write_style, termcolor::Buffer};
use serde::Serialize;

use super::document::{Document, Part};
use super::keys::{KEYS, Kind};
use super::layer::{Layer, SyntaxMistake};
use super::origin::Looks;
use crate::mistake::Mistake;

/// Every mistake of a configuration, in the order of its text; or what there is to think over in one without.
#[derive(Debug)]
pub struct Report {
    texts: SimpleFiles<String, String>,
    findings: Vec<Finding>,
    /// The files whose content is a part of the configuration, as far as they are known.
    pub files: Looks,
}

#[derive(Debug)]
struct Finding {
    severity: Severity,
    file: Option<usize>,
    span: Range<usize>,
    key: String,
    message: String,
    mend: String,
}

/// One mistake as a program reads it; line and column count from 1.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    pub file: &'a str,
    pub line: usize,
    pub column: usize,
    pub key: &'a str,
    pub message: &'a str,
    pub mend: &'a str,
}

impl Report {
    pub(super) fn of_document(document: Document, files: Looks) -> Self {
        let Document { layers, mistakes, .. } = document;
        Self::of_findings(layers, mistakes, Severity::Error, files)
    }

    /// None where there is nothing to say.
    pub(super) fn of_advice(document: Document) -> Option<Self> {
        let Document { layers, advice, .. } = document;
        (!advice.is_empty()).then(|| Self::of_findings(layers, advice, Severity::Warning, Looks::new()))
    }

    fn of_findings(
        layers: Vec<Layer>,
        mut mistakes: Vec<(Mistake, Part)>,
        severity: Severity,
        files: Looks,
    ) -> Self {
        // Who finds a mistake first knows most about it; what later readers say of the same place follows from it.
        let mut seen = Vec::new();
        mistakes.retain(|(mistake, _)| {
            let is_new = !seen.contains(&mistake.at);
            seen.push(mistake.at.clone());
            is_new
        });
        let mut findings: Vec<_> = mistakes
            .into_iter()
            .map(|(mistake, part)| Finding::locate(mistake, part, severity, &layers))
            .collect();
        findings.sort_by_key(|finding| (finding.file, finding.span.start));
        Self { texts: texts(layers), findings, files }
    }

    pub(super) fn of_syntax(layer: Layer, mistakes: &[SyntaxMistake]) -> Self {
        let findings = mistakes.iter().map(|mistake| Finding {
            severity: Severity::Error,
            file: Some(0),
            span: mistake.span.clone(),
            key: String::new(),
            message: mistake.message.clone(),
            mend: "the file is not TOML here: see https://toml.io".into(),
        });
        Self { findings: findings.collect(), texts: texts(vec![layer]), files: Looks::new() }
    }

    pub(super) fn of_file(path: &Path, mistake: &Mistake) -> Self {
        let mut texts = SimpleFiles::new();
        texts.add(path.display().to_string(), String::new());
        let finding = Finding {
            severity: Severity::Error,
            file: None,
            span: 0..0,
            key: String::new(),
            message: format!("{}: {}", path.display(), mistake.message),
            mend: mistake.mend.clone(),
        };
        Self { texts, findings: vec![finding], files: Looks::new() }
    }

    /// How many mistakes there are; never none.
    pub fn count(&self) -> usize {
        self.findings.len()
    }

    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.findings.iter().map(|finding| {
            let source =
                self.texts.get(finding.file.unwrap_or(0)).expect("a finding names a file of its report");
            let before = &source.source()[..finding.span.start];
            let line_start = before.rfind('\n').map_or(0, |end| end + 1);
            Entry {
                file: source.name(),
                line: before.matches('\n').count() + 1,
                column: before[line_start..].chars().count() + 1,
                key: &finding.key,
                message: &finding.message,
                mend: &finding.mend,
            }
        })
    }

    /// As `Display`, in colour.
    pub fn coloured(&self) -> String {
        let mut buffer = Buffer::ansi();
        for diagnostic in self.findings.iter().map(Finding::diagnostic) {
            emit_to_write_style(&mut buffer, &Style::default(), &self.texts, &diagnostic)
                .expect("the spans lie in the files, and a buffer takes every byte");
        }
        String::from_utf8_lossy(buffer.as_slice()).into_owned()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in self.findings.iter().map(Finding::diagnostic) {
            let mut text = String::new();
            emit_to_string(&mut text, &Style::default(), &self.texts, &diagnostic)
                .expect("the spans lie in the files");
            formatter.write_str(&text)?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}

impl Finding {
    fn locate(mistake: Mistake, part: Part, severity: Severity, layers: &[Layer]) -> Self {
        // The last layer that has most of the path is the one whose value was read.
        let places =
            layers.iter().enumerate().filter_map(|(index, layer)| Some((index, layer.place(&mistake.at)?)));
        let place = places.max_by_key(|(index, place)| (place.depth, place.is_own, *index));
        let key = Mistake { message: String::new(), mend: String::new(), at: mistake.at.clone() };
        let key = key.to_string();
        let key = key.trim_end_matches("()").trim_end_matches([' ', ':']).to_owned();
        let (file, span, is_whole) = match place {
            Some((file, place)) => {
                let is_whole = place.depth == mistake.at.len();
                (Some(file), if part == Part::Key { place.key } else { place.value }, is_whole)
            }
            None => (None, 0..0, false),
        };
        // A key that nobody wrote has no place of its own, so the message must name it.
        let message = if is_whole { mistake.message } else { format!("{key}: {}", mistake.message) };
        Self { severity, file, span, key, message, mend: mistake.mend }
    }

    fn diagnostic(&self) -> Diagnostic<usize> {
        let diagnostic = Diagnostic::new(self.severity).with_message(&self.message);
        match self.file {
            Some(file) => {
                diagnostic.with_label(Label::primary(file, self.span.clone()).with_message(&self.mend))
            }
            None => diagnostic.with_note(&self.mend),
        }
    }
}

fn texts(layers: Vec<Layer>) -> SimpleFiles<String, String> {
    let mut texts = SimpleFiles::new();
    for mut layer in layers {
        layer.mask_secrets(is_secret_name);
        texts.add(layer.name, layer.text);
    }
    texts
}

/// Also the names that people try: the line of an unknown key is quoted too.
fn is_secret_name(name: &str) -> bool {
    let is_secret = |kind: Kind| matches!(kind, Kind::Secrets | Kind::LabelledSecrets);
    KEYS.iter().any(|key| is_secret(key.kind) && (key.name() == name || key.also.contains(&name)))
}
