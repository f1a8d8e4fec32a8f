//! Takes out the findings that rule files allow, and reports what `allow` says in vain.

use super::source::{Allow, Located, RuleFile};
use crate::diagnostic::{Diagnostic, Kind, Severity};

/// The findings of `found` that no `allow` of `files` silences, and the ids there that silence none of them.
///
/// `was_looked_for` says which kinds could have been found: what a corpus shows is not reported as found in vain where
/// none was given.
pub fn apply(
    files: &[RuleFile],
    mut found: Vec<Diagnostic>,
    was_looked_for: impl Fn(Kind) -> bool,
) -> Vec<Diagnostic> {
    let allows: Vec<(&RuleFile, &Allow, &Located)> = files
        .iter()
        .flat_map(|file| {
            file.allow.iter().flat_map(move |allow| allow.ids.iter().map(move |id| (file, allow, id)))
        })
        .collect();
    let mut was_used = vec![false; allows.len()];
    found.retain(|diagnostic| {
        if diagnostic.kind.severity() == Severity::Error {
            return true;
        }
        let silencing = allows.iter().position(|(file, allow, id)| {
            diagnostic.file == file.file
                && allow.block.contains(&diagnostic.range.start)
                && id.text.eq_ignore_ascii_case(diagnostic.kind.id())
        });
        if let Some(at) = silencing {
            was_used[at] = true;
        }
        silencing.is_none()
    });
    for ((_, _, id), _) in allows.iter().zip(was_used).filter(|(_, was_used)| !was_used) {
        if Kind::find(&id.text).is_some_and(&was_looked_for) {
            found.push(
                id.diagnostic(Kind::UnusedAllow, format!("ここに {} の警告はありません", id.text))
                    .mend("この番号を allow から消してください"),
            );
        }
    }
    found
}
