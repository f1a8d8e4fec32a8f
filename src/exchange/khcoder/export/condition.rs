//! A condition in KH Coder's language: words as base forms, names written out, `near` with all its alternatives.

use std::ops::Range;

use super::{Definition, Exporter};
use crate::exchange::khcoder::pos::{PARTS_OF_SPEECH, unextracted};
use crate::exchange::khcoder::sign;
use crate::normalise::normalise;
use crate::rule::expr::{self, Expr, Node, Value};
use crate::rule::source::Located;
use crate::sentence::Scope;

/// More combinations of the alternatives within a `near` than this are not written out.
const MAX_COMBINATIONS: usize = 64;

/// A condition that KH Coder can say, as far as brackets matter.
pub(super) enum Said {
    /// A single atom: a word, a string, a phrase, `near`.
    Atom(String),
    /// Alternatives.
    Or(Vec<Said>),
    /// Anything else, in no need of brackets around it unless it is part of something.
    Other(String),
}

impl Said {
    pub(super) fn text(&self) -> String {
        match self {
            Said::Atom(text) | Said::Other(text) => text.clone(),
            Said::Or(parts) => parts.iter().map(Said::text).collect::<Vec<_>>().join(" or "),
        }
    }

    /// As part of a larger condition.
    pub(super) fn part(&self) -> String {
        match self {
            Said::Atom(text) => text.clone(),
            other => format!("( {} )", other.text()),
        }
    }
}

impl Exporter {
    /// A condition in KH Coder's language, or why it can't be said.
    pub(super) fn say(&mut self, expr: &Expr, at: &Located) -> Result<Said, String> {
        let all = |exporter: &mut Self, operands: &[Expr]| -> Result<Vec<Said>, String> {
            operands.iter().map(|operand| exporter.say(operand, at)).collect()
        };
        Ok(match &expr.node {
            Node::Or(operands) => Said::Or(all(self, operands)?),
            Node::And(operands) => {
                let said = all(self, operands)?;
                let part = |(said, operand): (&Said, &Expr)| match operand.node {
                    // Binds tighter than `and`.
                    Node::Not(_) => said.text(),
                    _ => said.part(),
                };
                Said::Other(said.iter().zip(operands).map(part).collect::<Vec<_>>().join(" and "))
            }
            Node::Not(inner) => Said::Other(format!("not {}", self.say(inner, at)?.part())),
            Node::Compare(inner, comparison, number) => {
                let left = match inner.node {
                    Node::Length => "lc".to_owned(),
                    // Values are added, hits of a list likewise.
                    _ => match self.say(inner, at)? {
                        Said::Or(parts) => {
                            format!("( {} )", parts.iter().map(Said::part).collect::<Vec<_>>().join(" + "))
                        }
                        other => other.part(),
                    },
                };
                // Binds tighter than and, or and not.
                Said::Atom(format!("{left} {} {number}", sign(*comparison)))
            }
            Node::Length => Said::Atom("lc >= 1".to_owned()),
            Node::Near { operands, ordered, scope, distance } => {
                self.near(operands, *ordered, *scope, *distance, at)?
            }
            Node::Polarity(..) => return Err("肯定・否定は KH Coder にありません".to_owned()),
            Node::Any(_) => return Err("「その品詞なら何でも」は KH Coder にありません".to_owned()),
            Node::Regex(_) => return Err("正規表現は KH Coder にありません".to_owned()),
            Node::Column(name, values) => {
                let value = |value: &Value| match value {
                    Value::Equal(text) => Ok(Said::Atom(format!("<>{name}-->{}", protected(text)))),
                    Value::Regex(_) => Err("正規表現は KH Coder にありません".to_owned()),
                };
                let mut values = values.iter().map(value).collect::<Result<Vec<_>, _>>()?;
                if values.len() == 1 { values.remove(0) } else { Said::Or(values) }
            }
            Node::Category(id) => match self.written.get(id) {
                Some(name) if name.chars().any(char::is_whitespace) => {
                    return Err("空白のある名前のコードは参照できません".to_owned());
                }
                Some(name) => Said::Atom(format!("<＊{name}>")),
                None => return Err(format!("<{id}> は、まだ出てきていないか、書けませんでした")),
            },
            Node::Name(name) => match self.definitions.get(name) {
                Some(Definition::Variant(forms)) => {
                    let forms = forms.clone();
                    Said::Or(forms.iter().map(|form| self.word(form, expr, at)).collect())
                }
                Some(Definition::Part(rule)) => {
                    let rule = rule.clone();
                    let parsed = expr::parse(&rule).map_err(|problem| problem.title)?;
                    // Places inside the part would be taken for places of this condition.
                    let whole = Expr { range: expr.range.clone(), node: parsed.expr.node };
                    self.say_part(&whole, at)?
                }
                None => return Err(format!("{{{name}}} がありません")),
            },
            Node::Word(word) => match self.spellings.get(normalise(word).text()).cloned() {
                Some(variant) => {
                    let whole = Expr { range: expr.range.clone(), node: Node::Name(variant) };
                    self.say(&whole, at)?
                }
                None => self.word(word, expr, at),
            },
            Node::Literal(text) => Said::Atom(self.string(text, expr, at)),
            Node::Adjacent(operands) => {
                let mut words = Vec::new();
                for operand in operands {
                    words.append(
                        &mut self.bases(operand).ok_or("語ではないものを + でつなぐことはできません")?,
                    );
                }
                Said::Atom(words.join("+"))
            }
            Node::Pos(inner, pos) => {
                let Node::Word(word) = &inner.node else {
                    return Err("語ではないものに品詞は付けられません".to_owned());
                };
                let theirs =
                    PARTS_OF_SPEECH.iter().find(|(_, ours, narrower)| ours == pos && narrower.is_none());
                let (theirs, ..) =
                    theirs.ok_or_else(|| format!("品詞「{pos}」と同じものが KH Coder にありません"))?;
                Said::Atom(format!("{word}-->{theirs}"))
            }
        })
    }

    /// A part's condition, whose own places are not known here: all of it stands for `{name}`.
    fn say_part(&mut self, expr: &Expr, at: &Located) -> Result<Said, String> {
        let mut expr = expr.clone();
        let range = expr.range.clone();
        place_all(&mut expr, &range);
        self.say(&expr, at)
    }

    /// A word: KH Coder knows base forms of single tokens only.
    fn word(&mut self, word: &str, expr: &Expr, at: &Located) -> Said {
        self.analyser.analyse(word);
        let tokens = self.analyser.tokens();
        let bases: Vec<String> = (0..tokens.len()).map(|at| tokens.lexeme(at).base.to_string()).collect();
        let kind = (0..tokens.len()).find_map(|at| unextracted(tokens.lexeme(at)));
        let (said, note) = match (&bases[..], kind) {
            ([], _) => (Said::Atom(quoted(word)), None),
            (_, Some(kind)) => (
                Said::Atom(self.string(word, expr, at)),
                Some(format!(
                    "「{word}」には KH Coder が抽出しない品詞（{kind}）があるので、文字列にしました。語の区切りは見ません"
                )),
            ),
            ([base], None) if base == tokens.text => (Said::Atom(protected(base)), None),
            ([base], None) => {
                let surface = tokens.text.to_owned();
                (Said::Atom(format!("{base}=>{surface}")), None)
            }
            (bases, None) => (
                Said::Atom(bases.join("+")),
                Some(format!(
                    "「{word}」は KH Coder では語の並び {} です。どの語も原形で比べます",
                    bases.join("+")
                )),
            ),
        };
        if let Some(note) = note {
            self.notice(at, &expr.range, false, note);
        }
        said
    }

    fn string(&mut self, text: &str, expr: &Expr, at: &Located) -> String {
        if text.contains(['%', '_']) {
            self.notice(
                at,
                &expr.range,
                false,
                format!("「{text}」の % と _ は、KH Coder では任意の文字を表します"),
            );
        }
        quoted(text)
    }

    /// The base forms of a plain word, one per token.
    fn bases(&mut self, expr: &Expr) -> Option<Vec<String>> {
        let Node::Word(word) = &expr.node else { return None };
        self.analyser.analyse(word);
        let tokens = self.analyser.tokens();
        Some((0..tokens.len()).map(|at| tokens.lexeme(at).base.to_string()).collect())
    }

    /// The words that an operand of `near` may be; KH Coder has no alternatives inside of it. What is no single word is
    /// left out and noted in `omitted`.
    fn words(&mut self, expr: &Expr, omitted: &mut Vec<String>) -> Vec<String> {
        let name = match &expr.node {
            Node::Word(word) => match self.spellings.get(normalise(word).text()) {
                Some(variant) => variant,
                None => return self.singles(std::slice::from_ref(word), omitted),
            },
            Node::Name(name) => name,
            Node::Or(operands) => {
                return operands.iter().flat_map(|operand| self.words(operand, omitted)).collect();
            }
            Node::Literal(text) => {
                omitted.push(format!("「{text}」"));
                return Vec::new();
            }
            _ => {
                omitted.push("語でない条件".to_owned());
                return Vec::new();
            }
        };
        match self.definitions.get(name) {
            Some(Definition::Variant(forms)) => {
                let forms = forms.clone();
                self.singles(&forms, omitted)
            }
            Some(Definition::Part(rule)) => match expr::parse(&rule.clone()) {
                Ok(parsed) => self.words(&parsed.expr, omitted),
                Err(_) => Vec::new(),
            },
            None => Vec::new(),
        }
    }

    fn singles(&mut self, words: &[String], omitted: &mut Vec<String>) -> Vec<String> {
        let mut singles = Vec::new();
        for word in words {
            match self.single(word) {
                Some(base) if singles.contains(&base) => {}
                Some(base) => singles.push(base),
                None => omitted.push(word.clone()),
            }
        }
        singles
    }

    /// The base form of a word that is one token and that `near` can hold.
    fn single(&mut self, word: &str) -> Option<String> {
        self.analyser.analyse(word);
        let tokens = self.analyser.tokens();
        let is_plain = tokens.len() == 1 && unextracted(tokens.lexeme(0)).is_none();
        let base = is_plain.then(|| tokens.lexeme(0).base.to_string())?;
        (!base.contains(['-', '(', ')'])).then_some(base)
    }

    fn near(
        &mut self,
        operands: &[Expr],
        is_ordered: bool,
        scope: Scope,
        distance: Option<u16>,
        at: &Located,
    ) -> Result<Said, String> {
        let mut lists = Vec::new();
        for operand in operands {
            if matches!(operand.node, Node::Not(_)) {
                return Err("near の中の「!」は KH Coder にありません".to_owned());
            }
            let mut omitted = Vec::new();
            let words = self.words(operand, &mut omitted);
            if words.is_empty() {
                return Err("KH Coder の near には 1 語の語しか書けません".to_owned());
            }
            if !omitted.is_empty() {
                let text = format!("near の中に書けないものを外しました: {}", omitted.join("、"));
                self.notice(at, &operand.range, true, text);
            }
            lists.push(words);
        }
        let combinations = lists.iter().fold(1_usize, |product, list| product.saturating_mul(list.len()));
        if combinations > MAX_COMBINATIONS {
            return Err(format!("near の組み合わせが {MAX_COMBINATIONS} 通りより多くあります"));
        }
        let unit = match scope {
            Scope::Clause => {
                let text = "節の範囲は KH Coder にないので、文にしました";
                self.notice(at, &(operands[0].range.clone()), false, text.to_owned());
                "b"
            }
            Scope::Sentence => "b",
            Scope::Paragraph => "d",
            Scope::Comment => "",
        };
        // We count the words between, they the steps from word to word; 0 is without limit.
        let steps = distance.map_or(0, |between| u32::from(between) + 1);
        let call = if is_ordered { "seq" } else { "near" };
        let mut combined = vec![String::new()];
        for list in &lists {
            combined = combined
                .iter()
                .flat_map(|before| {
                    let join = if before.is_empty() { "" } else { "-" };
                    list.iter().map(move |word| format!("{before}{join}{word}"))
                })
                .collect();
        }
        let mut said: Vec<Said> =
            combined.into_iter().map(|words| Said::Atom(format!("{call}({words})[{unit}{steps}]"))).collect();
        Ok(if said.len() == 1 { said.remove(0) } else { Said::Or(said) })
    }
}

/// Puts every part of `expr` at `range`.
fn place_all(expr: &mut Expr, range: &Range<usize>) {
    expr.range = range.clone();
    match &mut expr.node {
        Node::Or(parts) | Node::And(parts) | Node::Adjacent(parts) => {
            parts.iter_mut().for_each(|part| place_all(part, range));
        }
        Node::Near { operands, .. } => operands.iter_mut().for_each(|part| place_all(part, range)),
        Node::Not(inner) | Node::Compare(inner, ..) | Node::Polarity(inner, _) | Node::Pos(inner, _) => {
            place_all(inner, range);
        }
        Node::Length
        | Node::Column(..)
        | Node::Word(_)
        | Node::Any(_)
        | Node::Literal(_)
        | Node::Name(_)
        | Node::Category(_)
        | Node::Regex(_) => {}
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A word that would be an operator or a number, or be cut apart, in double quotes.
fn protected(word: &str) -> String {
    let lower = word.to_lowercase();
    let is_reserved = ["and", "or", "not", "lw", "lc", "no."].contains(&&*lower)
        || word.chars().all(|c| c.is_ascii_digit())
        || word.contains([
            '(', ')', '<', '>', '+', '-', '*', '/', '&', '|', '!', '=', '"', '\'', ' ', '\u{3000}',
        ]);
    if is_reserved { format!("\"{}\"", word.replace('"', "\"\"")) } else { word.to_owned() }
}
