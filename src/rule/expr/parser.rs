//! Lexemes to syntax tree, by recursive descent along the grammar.

use std::ops::Range;

use super::call::SEPARATE;
use super::lex::{Lexeme, Placed, fold};
use super::{Expr, Node, Parsed, Problem, kh_coder};
use crate::diagnostic::Kind;

/// Brackets deeper than this are refused rather than recursed into.
const MAX_DEPTH: usize = 64;

/// Reads the lexemes of `source`.
pub(super) fn parse(source: &str, tokens: Vec<Placed<'_>>) -> Result<Parsed, Problem> {
    let mut parser = Parser { source, tokens, at: 0, depth: 0, warnings: Vec::new() };
    let expr = parser.or()?;
    match parser.peek() {
        None => Ok(Parsed { expr, warnings: parser.warnings }),
        Some(Lexeme::Close) => Err(parser.problem(
            Kind::Syntax,
            "対応する「(」のない「)」です",
            "「)」を消すか、「(」を補ってください",
        )),
        Some(Lexeme::Comma) => Err(parser.problem(
            Kind::Syntax,
            "1 つの値の中に「,」「、」で語が並んでいます",
            "any や not なら '語', '語' と 1 つずつ囲み、条件なら「または」でつないでください",
        )),
        Some(next) => {
            let before = parser.at.checked_sub(1).map(|at| &parser.tokens[at].0);
            let mend = match (before, next) {
                (Some(Lexeme::Close), Lexeme::Literal(_) | Lexeme::Name(_)) => {
                    "範囲と距離なら [文5] のように [ ] で、ほかの条件なら「または」「かつ」でつないで書いてください"
                }
                (Some(Lexeme::Word(name)), _) if super::call::is_function(name) => {
                    "否定(できる)、near(受付, 混む) のように、( ) で囲んで書いてください"
                }
                _ => "「または」「かつ」でつなぐか、1 つの語なら空白を入れずに書いてください",
            };
            let title = "「または」「かつ」がないまま、次の語や条件が続いています";
            Err(parser.problem(Kind::Syntax, title, mend))
        }
    }
}

pub(super) struct Parser<'s> {
    source: &'s str,
    pub(super) tokens: Vec<Placed<'s>>,
    pub(super) at: usize,
    depth: usize,
    warnings: Vec<Problem>,
}

impl<'s> Parser<'s> {
    pub(super) fn peek(&self) -> Option<&Lexeme<'s>> {
        self.tokens.get(self.at).map(|(lexeme, _)| lexeme)
    }

    pub(super) fn peek_second(&self) -> Option<&Lexeme<'s>> {
        self.tokens.get(self.at + 1).map(|(lexeme, _)| lexeme)
    }

    pub(super) fn take(&mut self, wanted: &Lexeme<'_>) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Where the next token stands; at the end, the last character.
    pub(super) fn place(&self) -> Range<usize> {
        match self.tokens.get(self.at) {
            Some((_, range)) => range.clone(),
            None => {
                let end = self.source.trim_end().len();
                let last = self.source[..end].chars().next_back().map_or(0, char::len_utf8);
                end - last..end
            }
        }
    }

    pub(super) fn problem(&self, kind: Kind, title: &str, mend: &str) -> Problem {
        Problem { kind, range: self.place(), title: title.to_owned(), mend: mend.to_owned() }
    }

    pub(super) fn start(&self) -> usize {
        self.place().start
    }

    pub(super) fn since(&self, start: usize) -> Range<usize> {
        let end = self.at.checked_sub(1).map_or(start, |last| self.tokens[last].1.end);
        start..end.max(start)
    }

    pub(super) fn or(&mut self) -> Result<Expr, Problem> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.problem(
                Kind::Syntax,
                "括弧の入れ子が深すぎます",
                "条件を部品（[[part]]）に分けてください",
            ));
        }
        let start = self.start();
        let first = self.and()?;
        if self.peek() != Some(&Lexeme::Or) {
            self.depth -= 1;
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.take(&Lexeme::Or) {
            operands.push(self.and()?);
        }
        self.depth -= 1;
        for operand in &operands {
            if matches!(operand.node, Node::And(_)) && !self.is_bracketed(&operand.range) {
                self.warnings.push(Problem {
                    kind: Kind::MixedOperators,
                    range: operand.range.clone(),
                    title: "「かつ」と「または」が括弧なしで混ざっています".to_owned(),
                    mend: "「かつ」が先に結びつきます。意図どおりなら ( ) で囲んで示してください".to_owned(),
                });
            }
        }
        let range = self.since(start);
        Ok(Expr { node: Node::Or(operands), range })
    }

    fn is_bracketed(&self, range: &Range<usize>) -> bool {
        let before = self.source[..range.start].trim_end().chars().next_back().map(fold);
        let after = self.source[range.end..].trim_start().chars().next().map(fold);
        before == Some('(') && after == Some(')')
    }

    fn and(&mut self) -> Result<Expr, Problem> {
        let start = self.start();
        let first = self.not()?;
        if self.peek() != Some(&Lexeme::And) {
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.take(&Lexeme::And) {
            operands.push(self.not()?);
        }
        let range = self.since(start);
        Ok(Expr { node: Node::And(operands), range })
    }

    fn not(&mut self) -> Result<Expr, Problem> {
        let start = self.start();
        let mut negations = 0;
        while self.take(&Lexeme::Not) {
            negations += 1;
        }
        let inner = self.compare()?;
        if negations % 2 == 0 {
            return Ok(inner);
        }
        let range = self.since(start);
        Ok(Expr { node: Node::Not(Box::new(inner)), range })
    }

    fn compare(&mut self) -> Result<Expr, Problem> {
        let start = self.start();
        let left = self.primary()?;
        let Some(&Lexeme::Compare(comparison)) = self.peek() else { return Ok(left) };
        if matches!(&left.node, Node::Word(word) if matches!(word.as_str(), "lw" | "lc")) {
            return Err(kh_coder(left.range, "lw・lc（長さ）", "文字の数は「字数() >= 20」のように書きます"));
        }
        self.at += 1;
        let number = self.number()?.ok_or_else(|| {
            self.problem(Kind::Syntax, "比べる数がありません", "「>= 2」のように数を書いてください")
        })?;
        let range = self.since(start);
        Ok(Expr { node: Node::Compare(Box::new(left), comparison, number), range })
    }

    fn number(&mut self) -> Result<Option<u32>, Problem> {
        let Some(Lexeme::Word(word)) = self.peek() else { return Ok(None) };
        let digits: String = word.chars().map(fold).collect();
        if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
            return Ok(None);
        }
        let number = digits
            .parse()
            .map_err(|_| self.problem(Kind::Syntax, "数が大きすぎます", "もっと小さい数を書いてください"))?;
        self.at += 1;
        Ok(Some(number))
    }

    fn primary(&mut self) -> Result<Expr, Problem> {
        let start = self.start();
        if self.take(&Lexeme::Open) {
            let opening = self.at - 1;
            let inner = self.or()?;
            self.close(opening)?;
            return Ok(inner);
        }
        if let Some(&Lexeme::Word(name)) = self.peek()
            && self.peek_second() == Some(&Lexeme::Open)
        {
            return self.call(name);
        }
        let mut expr = self.atom()?;
        if self.peek() == Some(&Lexeme::Plus) {
            let mut words = vec![expr];
            while self.take(&Lexeme::Plus) {
                words.push(self.atom()?);
            }
            expr = Expr { range: self.since(start), node: Node::Adjacent(words) };
        }
        if self.take(&Lexeme::Arrow) {
            let pos = self.part_of_speech()?;
            expr = Expr { range: self.since(start), node: Node::Pos(Box::new(expr), pos) };
        }
        Ok(expr)
    }

    /// What stands after `-->`.
    fn part_of_speech(&mut self) -> Result<String, Problem> {
        let pos = match self.peek() {
            Some(Lexeme::Word(pos)) => (*pos).to_owned(),
            Some(Lexeme::Quoted(pos)) => pos.clone(),
            _ => {
                return Err(self.problem(
                    Kind::Syntax,
                    "「-->」の後に品詞がありません",
                    "「語-->名詞」のように書いてください",
                ));
            }
        };
        self.at += 1;
        Ok(pos)
    }

    pub(super) fn close(&mut self, opening: usize) -> Result<(), Problem> {
        if self.take(&Lexeme::Close) {
            return Ok(());
        }
        if let Some(Lexeme::Word(word)) = self.peek()
            && matches!(word.chars().map(fold).collect::<String>().as_str(), "-" | "－" | "−")
        {
            return Err(kh_coder(self.place(), "「-」で区切った near ", SEPARATE));
        }
        if self.at < self.tokens.len() {
            return Err(self.problem(
                Kind::Syntax,
                "「)」か「または」「かつ」が来るはずの所です",
                "演算子を補うか、1 つの語なら空白を入れずに書いてください",
            ));
        }
        Err(Problem {
            kind: Kind::Unclosed,
            range: self.tokens[opening].1.clone(),
            title: "「(」が閉じられていません".to_owned(),
            mend: "対応する「)」を書いてください".to_owned(),
        })
    }

    fn atom(&mut self) -> Result<Expr, Problem> {
        let Some((lexeme, range)) = self.tokens.get(self.at).cloned() else {
            return Err(self.problem(
                Kind::Syntax,
                "条件が途中で終わっています",
                "語や条件を続けて書いてください",
            ));
        };
        let node = match lexeme {
            Lexeme::Word("*" | "＊") => return self.any(),
            Lexeme::Word(word) => {
                if let Some(operator) = glued_operator(word) {
                    self.warnings.push(Problem {
                        kind: Kind::GluedOperator,
                        range: range.clone(),
                        title: format!("「{word}」は 1 つの語として扱われます"),
                        mend: format!("「{operator}」を演算子にするなら前後に空白を入れ、語の一部なら '{word}' と引用符で囲んでください"),
                    });
                }
                Node::Word(word.to_owned())
            }
            Lexeme::Quoted(word) => Node::Word(word),
            Lexeme::Literal(text) => Node::Literal(text),
            Lexeme::Name(name) => Node::Name(name),
            Lexeme::Category(id) => Node::Category(id),
            Lexeme::Regex(pattern) => Node::Regex(pattern),
            Lexeme::Or | Lexeme::And => {
                return Err(self.problem(
                    Kind::Syntax,
                    "「または」「かつ」の前後に条件がありません",
                    "両側に語や条件を書いてください。その語自体を探すなら '…' で囲みます",
                ));
            }
            _ => {
                return Err(self.problem(
                    Kind::Syntax,
                    "語や条件が来るはずの所です",
                    "語、「…」、{…}、( ) のどれかを書いてください",
                ));
            }
        };
        self.at += 1;
        Ok(Expr { node, range })
    }

    /// `*-->動詞`: any word of a part of speech. Any word at all would say nothing.
    fn any(&mut self) -> Result<Expr, Problem> {
        let start = self.start();
        self.at += 1;
        if !self.take(&Lexeme::Arrow) {
            return Err(self.problem(
                Kind::Syntax,
                "「*」の後に品詞がありません",
                "「*-->動詞」のように品詞と組で書いてください。その字を探すなら「*」と鉤括弧で囲みます",
            ));
        }
        let node = Node::Any(self.part_of_speech()?);
        Ok(Expr { node, range: self.since(start) })
    }
}

/// An ASCII operator inside an otherwise Japanese word: 失敗andエラー.
fn glued_operator(word: &str) -> Option<&'static str> {
    // Asked of every word: most have no letter to begin one with.
    if word.is_ascii() || !word.contains(|c: char| c.is_ascii_alphabetic() || c == 'か') {
        return None;
    }
    ["and", "or", "not", "かつ"].into_iter().find(|operator| {
        word.match_indices(operator).any(|(at, _)| {
            let before = word[..at].chars().next_back();
            let after = word[at + operator.len()..].chars().next();
            before.is_some_and(|c| !c.is_ascii())
                && after.is_some_and(|c| !c.is_ascii())
                && (operator.is_ascii() || at > 0 && !word[at..].starts_with("かつて"))
        })
    })
}
