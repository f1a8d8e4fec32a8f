//! A coding rule file as KH Coder reads it: codes, and their conditions cut at blanks.
//!
//! The file's grammar: a line beginning with `#` is a remark, one beginning with `*` or `＊` is a code's name, all others
//! up to the next name are its condition. A condition is cut into atoms by blanks alone, wherever the brackets stand.

use super::Place;

/// A code with its condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code {
    /// The name with its star, as written: this is how other codes refer to it.
    pub name: String,
    pub place: Place,
    /// The remarks since the code before, without their `#`.
    pub remarks: Vec<String>,
    pub atoms: Vec<Atom>,
    /// The condition's lines, verbatim.
    pub lines: Vec<String>,
}

/// What stands between two blanks, or in quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Atom {
    pub text: String,
    pub place: Place,
}

/// A file with what no code owns.
#[derive(Debug, Default)]
pub(super) struct File {
    pub codes: Vec<Code>,
    /// Lines before the first code: KH Coder ignores them.
    pub stray: Vec<(usize, String)>,
    /// Remarks behind the last code.
    pub remarks: Vec<String>,
}

/// Reads a file's text, which has no byte order mark.
pub(super) fn read(text: &str) -> File {
    let mut file = File::default();
    let mut remarks = Vec::new();
    let mut body: Vec<(char, Place)> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(remark) = line.strip_prefix('#') {
            remarks.push(remark.trim().to_owned());
        } else if line.starts_with(['*', '＊']) && line.chars().nth(1).is_some() {
            finish(&mut file, &mut body);
            file.codes.push(Code {
                name: line.to_owned(),
                place: Place { line: number, column: 1 },
                remarks: std::mem::take(&mut remarks),
                atoms: Vec::new(),
                lines: Vec::new(),
            });
        } else if line.chars().all(is_blank) {
            // Nothing, though not for KH Coder's grammar.
        } else if let Some(code) = file.codes.last_mut() {
            code.lines.push(line.to_owned());
            let placed = (1..).zip(line.chars()).map(|(column, c)| (c, Place { line: number, column }));
            body.extend(placed);
            body.push((' ', Place { line: number, column: line.chars().count() + 1 }));
        } else {
            file.stray.push((number, line.to_owned()));
        }
    }
    finish(&mut file, &mut body);
    file.remarks = remarks;
    file
}

fn finish(file: &mut File, body: &mut Vec<(char, Place)>) {
    if let Some(code) = file.codes.last_mut() {
        code.atoms = split(body);
    }
    body.clear();
}

/// What separates atoms: KH Coder makes all of these half-width blanks, even inside quotes.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\u{3000}' | '\t' | '\r' | '\n')
}

/// Cuts a condition, which ends with a blank, at its blanks.
fn split(body: &[(char, Place)]) -> Vec<Atom> {
    let mut atoms = Vec::new();
    let mut at = 0;
    while let Some(&(c, place)) = body.get(at) {
        if is_blank(c) {
            at += 1;
            continue;
        }
        let end = quoted(body, at)
            .unwrap_or_else(|| at + body[at..].iter().take_while(|(c, _)| !is_blank(*c)).count());
        let text = body[at..end].iter().map(|&(c, _)| if is_blank(c) { ' ' } else { c }).collect();
        atoms.push(Atom { text, place });
        at = end;
    }
    atoms
}

/// The end of a quotation that begins at `start`: its closing quote must be followed by a blank, or the quote is part
/// of a word.
fn quoted(body: &[(char, Place)], start: usize) -> Option<usize> {
    let quote = body[start].0;
    if !matches!(quote, '\'' | '"') {
        return None;
    }
    let mut at = start + 1;
    loop {
        let &(c, _) = body.get(at)?;
        let next = body.get(at + 1).map(|&(c, _)| c);
        match (c == quote, next) {
            (false, _) => at += 1,
            (true, Some(next)) if next == quote => at += 2,
            (true, Some(next)) if is_blank(next) => return Some(at + 1),
            (true, _) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_cut_into_codes_and_these_at_blanks() {
        let text = "\
#覚え書き
＊受付の混雑
受付 and ( 混む or
　'長い　列' ) # 注
*その他
'未閉 or \"and\" 'a''b' 'c'd
";
        let file = read(text);
        let shown: Vec<(&str, Vec<&str>)> = file
            .codes
            .iter()
            .map(|code| (&*code.name, code.atoms.iter().map(|atom| &*atom.text).collect()))
            .collect();
        assert_eq!(
            shown,
            [
                ("＊受付の混雑", vec!["受付", "and", "(", "混む", "or", "'長い 列'", ")", "#", "注"]),
                ("*その他", vec!["'未閉", "or", "\"and\"", "'a''b'", "'c'd"]),
            ]
        );
        assert_eq!(file.codes[0].remarks, ["覚え書き"]);
        assert_eq!(file.codes[0].atoms[5].place, Place { line: 4, column: 2 });
    }

    #[test]
    fn what_stands_before_the_first_code_belongs_to_none() {
        let file = read("受付\n\n＊\n＊甲\n乙\n#終わり\n");
        assert_eq!(file.stray, [(1, "受付".to_owned()), (3, "＊".to_owned())]);
        assert_eq!((file.codes.len(), file.remarks.len()), (1, 1));
    }
}
