//! The condition language: text to syntax tree.
//!
//! ```text
//! expr := and (OR and)*        OR  := or | '|' | または
//! and  := not (AND not)*       AND := and | '&' | かつ
//! not  := (NOT)* cmp           NOT := not | '!' | でない
//! cmp  := prim ((>=|<=|>|<|==) INT)?
//! prim := '(' expr ')' | call | atom
//! call := (near|近く|seq|順に|肯定|否定|回数|字数|列) '(' args ')' ('[' scope? INT? ']')?     scope := 節 | 文 | 段 | 全
//! atom := WORD ('+' WORD)* ('-->' POS)? | '「'…'」' | {表記ゆれ} | <カテゴリ> | /regex/
//! ```
//!
//! A forgiving superset of KH Coder's coding rules: blanks are optional, full-width operators, brackets and digits are
//! folded, `#` begins a remark that ends with the line. Words may be quoted (`'and'`, `"2025"`). Names are resolved
//! later, in [`mod@super::compile`]; ranges are bytes of the condition's text.

use std::ops::Range;

use crate::diagnostic::Kind;
use crate::matcher::polarity::Polarity;
use crate::sentence::Scope;

/// A node of the syntax tree with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it says.
    pub node: Node,
    /// Where it stands, in bytes of the condition.
    pub range: Range<usize>,
}

/// What a node says.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Any of these.
    Or(Vec<Expr>),
    /// All of these, anywhere in the comment.
    And(Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
    /// Comparison of a number of hits.
    Compare(Box<Expr>, Comparison, u32),
    /// `near` (or `seq`, if ordered) of the operands.
    Near {
        /// The operands; a `!operand` must *not* stand there.
        operands: Vec<Expr>,
        /// Whether they must come in this order.
        ordered: bool,
        /// The unit they share.
        scope: Scope,
        /// At most this many tokens between neighbours; none means anywhere in the unit.
        distance: Option<u16>,
    },
    /// Hits with this polarity.
    Polarity(Box<Expr>, Polarity),
    /// Number of characters of the answer.
    Length,
    /// A column with one of these values.
    Column(String, Vec<Value>),
    /// Adjacent tokens.
    Adjacent(Vec<Expr>),
    /// A word by its base form.
    Word(String),
    /// Hits whose last token has this part of speech.
    Pos(Box<Expr>, String),
    /// Any word of this part of speech.
    Any(String),
    /// Raw text, anywhere.
    Literal(String),
    /// A variant or a part.
    Name(String),
    /// Another category.
    Category(String),
    /// A regular expression over the normalised text.
    Regex(String),
}

/// What a column's cell must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Exactly this, after normalisation.
    Equal(String),
    /// Matched by this regular expression.
    Regex(String),
}

/// How a number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the definitions")]
pub enum Comparison {
    AtLeast,
    AtMost,
    More,
    Less,
    Equal,
}

impl Comparison {
    /// Whether `found` compares to `wanted` this way.
    pub fn holds(self, found: u32, wanted: u32) -> bool {
        match self {
            Comparison::AtLeast => found >= wanted,
            Comparison::AtMost => found <= wanted,
            Comparison::More => found > wanted,
            Comparison::Less => found < wanted,
            Comparison::Equal => found == wanted,
        }
    }
}

/// Tokens allowed between neighbours of `near` and `seq` where nothing is written: KH Coder's default.
pub const DEFAULT_DISTANCE: u16 = 10;

/// Brackets deeper than this are refused rather than recursed into.
const MAX_DEPTH: usize = 64;

/// Something wrong with a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The kind of diagnostic.
    pub kind: Kind,
    /// The place, in bytes of the condition.
    pub range: Range<usize>,
    /// What was found.
    pub title: String,
    /// How to mend it.
    pub mend: String,
}

/// A condition as read.
#[derive(Debug)]
pub struct Parsed {
    /// The tree.
    pub expr: Expr,
    /// What is legal but hardly meant.
    pub warnings: Vec<Problem>,
}

/// Reads a condition.
///
/// # Errors
/// The first thing that can't be read.
pub fn parse(source: &str) -> Result<Parsed, Problem> {
    let tokens = lex(source)?;
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
        Some(_) => Err(parser.problem(
            Kind::Syntax,
            "条件がここで終わるはずですが、続きがあります",
            "「または」「かつ」でつなぐか、1 つの語なら空白を入れずに書いてください",
        )),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Lexeme {
    Open,
    Close,
    OpenSquare,
    CloseSquare,
    Comma,
    Or,
    And,
    Not,
    Plus,
    Arrow,
    Compare(Comparison),
    /// An unquoted word; numbers and function names are words until the parser needs them.
    Word(String),
    Quoted(String),
    Literal(String),
    Name(String),
    Category(String),
    Regex(String),
}

type Placed = (Lexeme, Range<usize>);

/// Full-width signs of the language, folded to the ASCII ones.
fn fold(c: char) -> char {
    match c {
        '　' => ' ',
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '、' => ',',
        _ => c,
    }
}

fn lex(source: &str) -> Result<Vec<Placed>, Problem> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = source[at..].chars().next() {
        let start = at;
        let rest = &source[at..];
        let folded: String = rest.chars().take(3).map(fold).collect();
        // Length in bytes of the first n characters, whatever their width.
        let width = |n: usize| rest.chars().take(n).map(char::len_utf8).sum::<usize>();
        let (lexeme, len) = match fold(c) {
            blank if blank.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '#' => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            _ if folded.starts_with("-->") => (Lexeme::Arrow, width(3)),
            _ if folded.starts_with("=>")
                && rest[width(2)..].trim_start().starts_with(|c| fold(c).is_ascii_digit()) =>
            {
                return Err(Problem {
                    kind: Kind::Syntax,
                    range: start..start + width(2),
                    title: "「=>」という比べ方はありません".to_owned(),
                    mend: "「以上」なら「>=」、「以下」なら「<=」と書いてください".to_owned(),
                });
            }
            _ if folded.starts_with("->") || folded.starts_with("=>") => {
                return Err(kh_coder(
                    start..start + width(2),
                    "「->」「=>」（活用形・表層語の指定）",
                    "品詞は「語-->品詞」、書かれたとおりの文字は「…」と書きます",
                ));
            }
            _ if folded.starts_with("<>") => {
                return Err(kh_coder(
                    start..start + width(2),
                    "「<>」（見出し・外部変数）",
                    "表の列は 列(名前, '値') と書きます",
                ));
            }
            '*' if is_line_start(source, start) => {
                return Err(kh_coder(
                    start..source[start..].find('\n').map_or(source.len(), |at| start + at),
                    "「*」で始まる行（コードの名前）",
                    "コードは 1 つずつ [[category]] にし、名前は name に書きます",
                ));
            }
            _ if folded.starts_with(">=") => (Lexeme::Compare(Comparison::AtLeast), width(2)),
            _ if folded.starts_with("<=") => (Lexeme::Compare(Comparison::AtMost), width(2)),
            _ if folded.starts_with("==") => (Lexeme::Compare(Comparison::Equal), width(2)),
            '≧' | '≥' => (Lexeme::Compare(Comparison::AtLeast), width(1)),
            '≦' | '≤' => (Lexeme::Compare(Comparison::AtMost), width(1)),
            '(' => (Lexeme::Open, width(1)),
            ')' => (Lexeme::Close, width(1)),
            '[' => (Lexeme::OpenSquare, width(1)),
            ']' => (Lexeme::CloseSquare, width(1)),
            ',' => (Lexeme::Comma, width(1)),
            '|' => (Lexeme::Or, width(if folded.starts_with("||") { 2 } else { 1 })),
            '&' => (Lexeme::And, width(if folded.starts_with("&&") { 2 } else { 1 })),
            '!' => (Lexeme::Not, width(1)),
            '+' => (Lexeme::Plus, width(1)),
            '>' => (Lexeme::Compare(Comparison::More), width(1)),
            '<' => match category_name(rest) {
                Some((name, len)) => (Lexeme::Category(name), len),
                None => (Lexeme::Compare(Comparison::Less), width(1)),
            },
            '「' => closed(source, start, c, '」', Lexeme::Literal)?,
            '{' => closed(source, start, c, '}', |name| Lexeme::Name(name.trim().to_owned()))?,
            '\'' => closed(source, start, c, '\'', Lexeme::Quoted)?,
            '"' => closed(source, start, c, '"', Lexeme::Quoted)?,
            '“' => closed(source, start, c, '”', Lexeme::Quoted)?,
            '/' => regex(source, start, c)?,
            '=' => {
                return Err(Problem {
                    kind: Kind::Syntax,
                    range: start..start + c.len_utf8(),
                    title: "「=」は条件の中では使えません".to_owned(),
                    mend: "回数を比べるなら「==」「>=」、列の値なら 列(名前, '値') と書いてください"
                        .to_owned(),
                });
            }
            '」' | '}' => {
                return Err(Problem {
                    kind: Kind::Syntax,
                    range: start..start + c.len_utf8(),
                    title: format!("{c} に対応する始めの括弧がありません"),
                    mend: format!("始めの括弧を補うか、{c} を消してください"),
                });
            }
            _ => word(rest),
        };
        tokens.push((lexeme, start..start + len));
        at = start + len;
    }
    Ok(tokens)
}

/// Something that KH Coder's coding rules write another way.
fn kh_coder(range: Range<usize>, what: &str, mend: &str) -> Problem {
    let title = format!("{what}は KH Coder の書き方です");
    Problem { kind: Kind::KhCoder, range, title, mend: mend.to_owned() }
}

fn is_line_start(source: &str, at: usize) -> bool {
    source[..at].rsplit('\n').next().is_none_or(|before| before.trim().is_empty())
}

/// `<id>` as opposed to a comparison: a name right behind the bracket, and the closing bracket in sight.
fn category_name(rest: &str) -> Option<(String, usize)> {
    let mut chars = rest.char_indices().skip(1);
    let mut name = String::new();
    for (at, c) in &mut chars {
        if fold(c) == '>' {
            return (!name.is_empty()).then(|| (name.trim().to_owned(), at + c.len_utf8()));
        }
        if fold(c).is_whitespace()
            || "()|&,".contains(fold(c))
            || (name.is_empty() && fold(c).is_ascii_digit())
        {
            return None;
        }
        name.push(c);
    }
    None
}

/// A lexeme between an opening sign at `start` and `end`, which stands for itself when doubled.
fn closed(
    source: &str,
    start: usize,
    open: char,
    end: char,
    make: impl Fn(String) -> Lexeme,
) -> Result<(Lexeme, usize), Problem> {
    let mut content = String::new();
    let mut chars = source[start + open.len_utf8()..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = c == end || (end.is_ascii() && end != '\'' && end != '"' && fold(c) == end);
        if ends {
            let doubled = open == end && chars.peek().is_some_and(|&(_, next)| next == end);
            if !doubled {
                return Ok((make(content), open.len_utf8() + at + c.len_utf8()));
            }
            chars.next();
        }
        content.push(c);
    }
    let line_end = source[start..].find('\n').map_or(source.len(), |at| start + at);
    Err(Problem {
        kind: Kind::Unclosed,
        range: start..line_end,
        title: format!("{open} に対応する {end} がありません"),
        mend: format!("終わりに {end} を書いてください"),
    })
}

/// `/…/`, where `\/` is a slash.
fn regex(source: &str, start: usize, open: char) -> Result<(Lexeme, usize), Problem> {
    let body = &source[start + open.len_utf8()..];
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            '/' if !escaped => {
                let pattern = body[..at].replace("\\/", "/");
                return Ok((Lexeme::Regex(pattern), open.len_utf8() + at + 1));
            }
            _ => escaped = false,
        }
    }
    Err(Problem {
        kind: Kind::Unclosed,
        range: start..source[start..].find('\n').map_or(source.len(), |at| start + at),
        title: "正規表現の終わりの / がありません".to_owned(),
        mend:
            "終わりに / を書いてください（正規表現の中の / は \\/）。「どちらか」なら「または」でつなぎます"
                .to_owned(),
    })
}

/// A run of characters that means nothing else, with または inside it taken as the operator.
fn word(rest: &str) -> (Lexeme, usize) {
    let end = rest
        .char_indices()
        .find(|&(at, c)| {
            at > 0
                && (fold(c).is_whitespace()
                    || "()[]{},|&!+<>=#'\"/「」≧≦≥≤“”".contains(fold(c))
                    || ["-->", "->"]
                        .iter()
                        .any(|arrow| rest[at..].chars().map(fold).take(arrow.len()).eq(arrow.chars())))
        })
        .map_or(rest.len(), |(at, _)| at);
    let text = &rest[..end];
    let (text, end) = match text.find("または") {
        Some(0) => ("または", "または".len()),
        Some(at) => (&text[..at], at),
        None => (text, end),
    };
    let lexeme = match text.to_ascii_lowercase().as_str() {
        "or" | "または" => Lexeme::Or,
        "and" | "かつ" => Lexeme::And,
        "not" | "でない" => Lexeme::Not,
        _ => Lexeme::Word(text.to_owned()),
    };
    (lexeme, end)
}

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Placed>,
    at: usize,
    depth: usize,
    warnings: Vec<Problem>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Lexeme> {
        self.tokens.get(self.at).map(|(lexeme, _)| lexeme)
    }

    fn peek_second(&self) -> Option<&Lexeme> {
        self.tokens.get(self.at + 1).map(|(lexeme, _)| lexeme)
    }

    fn take(&mut self, wanted: &Lexeme) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Where the next token stands; at the end, the last character.
    fn place(&self) -> Range<usize> {
        match self.tokens.get(self.at) {
            Some((_, range)) => range.clone(),
            None => {
                let end = self.source.trim_end().len();
                let last = self.source[..end].chars().next_back().map_or(0, char::len_utf8);
                end - last..end
            }
        }
    }

    fn problem(&self, kind: Kind, title: &str, mend: &str) -> Problem {
        Problem { kind, range: self.place(), title: title.to_owned(), mend: mend.to_owned() }
    }

    fn start(&self) -> usize {
        self.place().start
    }

    fn since(&self, start: usize) -> Range<usize> {
        let end = self.at.checked_sub(1).map_or(start, |last| self.tokens[last].1.end);
        start..end.max(start)
    }

    fn or(&mut self) -> Result<Expr, Problem> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.problem(
                Kind::Syntax,
                "括弧の入れ子が深すぎます",
                "条件を部品（[[part]]）に分けてください",
            ));
        }
        let start = self.start();
        let mut operands = vec![self.and()?];
        while self.take(&Lexeme::Or) {
            operands.push(self.and()?);
        }
        self.depth -= 1;
        if operands.len() == 1 {
            return Ok(operands.remove(0));
        }
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
        let mut operands = vec![self.not()?];
        while self.take(&Lexeme::And) {
            operands.push(self.not()?);
        }
        if operands.len() == 1 {
            return Ok(operands.remove(0));
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
        if let Some(Lexeme::Word(name)) = self.peek()
            && self.peek_second() == Some(&Lexeme::Open)
        {
            let name = name.clone();
            return self.call(&name);
        }
        let first = self.atom()?;
        let mut words = vec![first];
        while self.take(&Lexeme::Plus) {
            words.push(self.atom()?);
        }
        let mut expr = if words.len() == 1 {
            words.remove(0)
        } else {
            Expr { range: self.since(start), node: Node::Adjacent(words) }
        };
        if self.take(&Lexeme::Arrow) {
            let pos = self.part_of_speech()?;
            expr = Expr { range: self.since(start), node: Node::Pos(Box::new(expr), pos) };
        }
        Ok(expr)
    }

    /// What stands after `-->`.
    fn part_of_speech(&mut self) -> Result<String, Problem> {
        let pos = match self.peek() {
            Some(Lexeme::Word(pos) | Lexeme::Quoted(pos)) => pos.clone(),
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

    fn close(&mut self, opening: usize) -> Result<(), Problem> {
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
            Lexeme::Word(word) if matches!(word.as_str(), "*" | "＊") => return self.any(),
            Lexeme::Word(word) => {
                if let Some(operator) = glued_operator(&word) {
                    self.warnings.push(Problem {
                        kind: Kind::GluedOperator,
                        range: range.clone(),
                        title: format!("「{word}」は 1 つの語として扱われます"),
                        mend: format!("「{operator}」を演算子にするなら前後に空白を入れ、語の一部なら '{word}' と引用符で囲んでください"),
                    });
                }
                Node::Word(word)
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

    fn call(&mut self, name: &str) -> Result<Expr, Problem> {
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
            Some(Lexeme::Word(name) | Lexeme::Quoted(name)) => name.clone(),
            _ => return Err(self.problem(Kind::Syntax, "列の名前がありません", usage)),
        };
        self.at += 1;
        let mut values = Vec::new();
        while self.take(&Lexeme::Comma) {
            values.push(match self.peek() {
                Some(Lexeme::Word(value) | Lexeme::Quoted(value) | Lexeme::Literal(value)) => {
                    Value::Equal(value.clone())
                }
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

/// How the operands of `near` are separated.
const SEPARATE: &str = "near の語は「,」で区切ります（例: near(顔認証, 失敗)）";

/// An ASCII operator inside an otherwise Japanese word: 失敗andエラー.
fn glued_operator(word: &str) -> Option<&'static str> {
    if word.is_ascii() {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree in a form short enough to compare.
    fn show(expr: &Expr) -> String {
        let list = |items: &[Expr]| items.iter().map(show).collect::<Vec<_>>().join(" ");
        match &expr.node {
            Node::Or(items) => format!("(or {})", list(items)),
            Node::And(items) => format!("(and {})", list(items)),
            Node::Not(inner) => format!("(not {})", show(inner)),
            Node::Compare(inner, comparison, n) => format!("({comparison:?} {} {n})", show(inner)),
            Node::Near { operands, ordered, scope, distance } => {
                let name = if *ordered { "seq" } else { "near" };
                format!("({name} {scope:?} {distance:?} {})", list(operands))
            }
            Node::Polarity(inner, polarity) => format!("({polarity:?} {})", show(inner)),
            Node::Length => "length".to_owned(),
            Node::Column(name, values) => format!("(column {name} {values:?})"),
            Node::Adjacent(items) => format!("(+ {})", list(items)),
            Node::Word(word) => word.clone(),
            Node::Pos(inner, pos) => format!("({} is {pos})", show(inner)),
            Node::Any(pos) => format!("(any {pos})"),
            Node::Literal(text) => format!("「{text}」"),
            Node::Name(name) => format!("{{{name}}}"),
            Node::Category(id) => format!("<{id}>"),
            Node::Regex(pattern) => format!("/{pattern}/"),
        }
    }

    #[test]
    fn conditions_read_as_they_are_meant() {
        for (source, expected) in [
            ("顔認証", "顔認証"),
            ("顔認証 かつ 失敗 または エラー", "(or (and 顔認証 失敗) エラー)"),
            ("顔認証　＆（失敗｜エラー）", "(and 顔認証 (or 失敗 エラー))"),
            ("顔認証またはカメラ", "(or 顔認証 カメラ)"),
            ("a and not b", "(and a (not b))"),
            ("!!a", "a"),
            (
                "near(顔認証, 否定(できる | 通る))[文12]",
                "(near Sentence Some(12) 顔認証 (Denied (or できる 通る)))",
            ),
            ("順に（a、b）［節］", "(seq Clause None a b)"),
            ("近く(a, でない b)[８]", "(near Sentence Some(8) a (not b))"),
            ("near(a, b)", "(near Sentence Some(10) a b)"),
            ("回数(a or b) >= 2", "(AtLeast (or a b) 2)"),
            ("字数()<１０", "(Less length 10)"),
            ("列(問, '問7', /^問1/)", "(column 問 [Equal(\"問7\"), Regex(\"^問1\")])"),
            ("期限+切れ-->名詞", "((+ 期限 切れ) is 名詞)"),
            (
                "「他人の顔」 | {紐づけ} | <face-auth> | /[0-9]+割/",
                "(or 「他人の顔」 {紐づけ} <face-auth> /[0-9]+割/)",
            ),
            ("'and' or \"2025\"", "(or and 2025)"),
            ("a # 注\n or b", "(or a b)"),
        ] {
            let parsed = parse(source).unwrap_or_else(|problem| panic!("{source}: {problem:?}"));
            assert_eq!(show(&parsed.expr), expected, "{source}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_place() {
        for (source, kind, place) in [
            ("near(顔認証, 失敗", Kind::Unclosed, "("),
            ("(a", Kind::Unclosed, "("),
            ("a)", Kind::Syntax, ")"),
            ("「顔", Kind::Unclosed, "「顔"),
            ("a b", Kind::Syntax, "b"),
            ("a または", Kind::Syntax, "は"),
            ("または a", Kind::Syntax, "または"),
            ("囲み(a)", Kind::UnknownFunction, "囲み"),
            ("near(顔認証-失敗)", Kind::KhCoder, "顔認証-失敗"),
            ("near(顔 - 認証)", Kind::KhCoder, "-"),
            ("near(a, b)[b5]", Kind::KhCoder, "[b5]"),
            ("失敗->未然形", Kind::KhCoder, "->"),
            ("<>問-->7", Kind::KhCoder, "<>"),
            ("lw >= 10", Kind::KhCoder, "lw"),
            ("*顔認証\n失敗", Kind::KhCoder, "*顔認証"),
            ("near(a, b)[章3]", Kind::Syntax, "[章3]"),
            ("near(a)", Kind::Syntax, "(a)"),
            ("回数(a)", Kind::Syntax, ")"),
            ("a = b", Kind::Syntax, "="),
            ("回数(a) => 2", Kind::Syntax, "=>"),
            ("/[0-9", Kind::Unclosed, "/[0-9"),
        ] {
            let problem = parse(source).err().unwrap_or_else(|| panic!("{source} was accepted"));
            assert_eq!((problem.kind, &source[problem.range.clone()]), (kind, place), "{source}");
        }
        let deep = "(".repeat(1000);
        assert!(parse(&deep).is_err());
    }

    #[test]
    fn suspicious_conditions_are_warned_of() {
        let kinds = |source: &str| parse(source).unwrap().warnings.iter().map(|w| w.kind).collect::<Vec<_>>();
        assert_eq!(kinds("a and b or c"), [Kind::MixedOperators]);
        assert_eq!(kinds("(a and b) or c"), []);
        assert_eq!(kinds("失敗andエラー"), [Kind::GluedOperator]);
    }

    proptest::proptest! {
        #[test]
        fn no_condition_panics(source in "[a顔()\\[\\]{}<>「」/'\"|&!+,=#>0-9 文節nearまたはかつ否定列回数字（）]{0,40}") {
            if let Err(problem) = parse(&source) {
                proptest::prop_assert!(source.get(problem.range).is_some());
            }
        }
    }
}
