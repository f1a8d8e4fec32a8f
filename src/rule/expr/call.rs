//! What is written with brackets: `near(…)`, `否定(…)`, `列(…)` and the like.

use super::lex::{Lexeme, fold};
use super::parser::Parser;
use super::{DEFAULT_DISTANCE, Expr, Node, Problem, Value, kh_coder};
use crate::diagnostic::Kind;
use crate::matcher::polarity::Polarity;
use crate::sentence::Scope;

/// Whether a word is the name of a function, which wants brackets behind it.
pub(super) fn is_function(name: &str) -> bool {
    let name: String = name.chars().map(fold).collect();
    let names = ["near", "近く", "seq", "順に", "肯定", "否定", "回数", "字数", "列"];
    names.contains(&name.to_ascii_lowercase().as_str())
}

/// How the operands of `near` are separated.
pub(super) const SEPARATE: &str = "near の語は「,」で区切ります（例: near(顔認証, 失敗)）";

impl Parser<'_> {
    pub(super) fn call(&mut self, name: &str) -> Result<Expr, Problem> {
        let start = self.start();
        let name_range = self.place();
        let name: String = name.chars().map(fold).collect();
        self.at += 1;
        let opening = self.at;
        self.at += 1;
        let node = match name.to_ascii_lowercase().as_str() {
            "near" | "近く" => self.near(opening, false)?,
            "seq" | "順に" => self.near(opening, true)?,
            "肯定" => self.polarity(opening, Polarity::Affirmed)?,
            "否定" => self.polarity(opening, Polarity::Denied)?,
            "回数" => {
                let inner = self.or()?;
                self.close(opening)?;
                if !matches!(self.peek(), Some(Lexeme::Compare(_))) {
                    return Err(self.problem(
                        Kind::Syntax,
                        "回数( ) の後に比べる数がありません",
                        "「回数(語) >= 2」のように書いてください",
                    ));
                }
                return Ok(inner);
            }
            "字数" => {
                self.close(opening)?;
                if !matches!(self.peek(), Some(Lexeme::Compare(_))) {
                    return Err(self.problem(
                        Kind::Syntax,
                        "字数( ) の後に比べる数がありません",
                        "「字数() >= 100」のように書いてください",
                    ));
                }
                Node::Length
            }
            "列" => self.column(opening)?,
            _ => {
                return Err(Problem {
                    kind: Kind::UnknownFunction,
                    range: name_range,
                    title: format!("「{name}」という関数はありません"),
                    mend: "使えるのは near(近く)・seq(順に)・肯定・否定・回数・字数・列 です。語のすぐ後の「(」なら、間に「かつ」などを入れてください".to_owned(),
                });
            }
        };
        Ok(Expr { range: self.since(start), node })
    }

    fn polarity(&mut self, opening: usize, polarity: Polarity) -> Result<Node, Problem> {
        let inner = self.or()?;
        self.close(opening)?;
        Ok(Node::Polarity(Box::new(inner), polarity))
    }

    fn near(&mut self, opening: usize, ordered: bool) -> Result<Node, Problem> {
        let mut operands = vec![self.or()?];
        while self.take(&Lexeme::Comma) {
            operands.push(self.or()?);
        }
        self.close(opening)?;
        let positive = operands.iter().filter(|operand| !matches!(operand.node, Node::Not(_))).count();
        if let [Expr { node: Node::Word(word), range }] = &operands[..]
            && word.contains(['-', '－', '−', '‐'])
        {
            return Err(kh_coder(range.clone(), "「-」で区切った near ", SEPARATE));
        }
        if positive < 1 || operands.len() < 2 {
            return Err(Problem {
                kind: Kind::Syntax,
                range: self.since(self.tokens[opening].1.start),
                title: "near と seq には 2 つ以上の語や条件が要ります".to_owned(),
                mend: "「near(顔認証, エラー)」のように「,」で区切って書いてください".to_owned(),
            });
        }
        let (mut scope, mut distance) = (Scope::Sentence, Some(DEFAULT_DISTANCE));
        if self.take(&Lexeme::OpenSquare) {
            (scope, distance) = self.reach()?;
        }
        Ok(Node::Near { operands, ordered, scope, distance })
    }

    /// What stands between `[` and `]`: a scope, a distance, or both.
    fn reach(&mut self) -> Result<(Scope, Option<u16>), Problem> {
        let opening = self.at - 1;
        let unreadable = |parser: &Self| Problem {
            kind: Kind::Syntax,
            range: parser.tokens[opening].1.start..parser.place().end,
            title: "[ ] の中には範囲と距離を書きます".to_owned(),
            mend: "[文12]、[節]、[8] のように書いてください（範囲は 節・文・段・全）".to_owned(),
        };
        let mut text = String::new();
        while let Some(Lexeme::Word(word)) = self.peek() {
            text.extend(word.chars().map(fold));
            self.at += 1;
        }
        if !self.take(&Lexeme::CloseSquare) {
            if self.at >= self.tokens.len() {
                return Err(Problem {
                    kind: Kind::Unclosed,
                    range: self.tokens[opening].1.clone(),
                    title: "「[」が閉じられていません".to_owned(),
                    mend: "対応する「]」を書いてください".to_owned(),
                });
            }
            return Err(unreadable(self));
        }
        self.at -= 1;
        let kh_scope = match text.chars().next() {
            Some('b') => Some("文"),
            Some('d') => Some("段"),
            _ => None,
        };
        if let Some(scope) = kh_scope {
            let range = self.tokens[opening].1.start..self.place().end;
            let mend = format!("同じ範囲は [{scope}{}] と書きます", &text[1..]);
            return Err(kh_coder(range, "[ ] の中の b・d ", &mend));
        }
        let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
        let scope = match &text[..text.len() - digits.len()] {
            "" | "文" => Scope::Sentence,
            "節" => Scope::Clause,
            "段" => Scope::Paragraph,
            "全" => Scope::Comment,
            _ => return Err(unreadable(self)),
        };
        let distance = match digits {
            "" => None,
            _ => Some(digits.parse().map_err(|_| unreadable(self))?),
        };
        self.at += 1;
        Ok((scope, distance))
    }

    fn column(&mut self, opening: usize) -> Result<Node, Problem> {
        let usage = "列(問, '問7') や 列(都道府県, '東京都', '大阪府') のように書いてください";
        let name = match self.peek() {
            Some(Lexeme::Word(name)) => (*name).to_owned(),
            Some(Lexeme::Quoted(name)) => name.clone(),
            _ => return Err(self.problem(Kind::Syntax, "列の名前がありません", usage)),
        };
        self.at += 1;
        let mut values = Vec::new();
        while self.take(&Lexeme::Comma) {
            values.push(match self.peek() {
                Some(Lexeme::Word(value)) => Value::Equal((*value).to_owned()),
                Some(Lexeme::Quoted(value) | Lexeme::Literal(value)) => Value::Equal(value.clone()),
                Some(Lexeme::Regex(pattern)) => Value::Regex(pattern.clone()),
                _ => return Err(self.problem(Kind::Syntax, "列の値がありません", usage)),
            });
            self.at += 1;
        }
        if values.is_empty() {
            return Err(self.problem(Kind::Syntax, "列の値がありません", usage));
        }
        self.close(opening)?;
        Ok(Node::Column(name, values))
    }
}
