//! The kinds of diagnostics: for each its stable id, how bad it is, its title and its page of the manual.
//!
//! A page (`manual/ID.md`) says in Japanese what the kind means, and shows a rule file that has it and the same file
//! mended; `jirei explain ID` prints it, and `docs/diagnostics.md` is made of all of them. A test runs both files.

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The rulebook can't be used.
    Error,
    /// The rulebook works, but probably not as meant.
    Warning,
    /// Something to know.
    Note,
}

impl Severity {
    /// The word used in front of messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "エラー",
            Severity::Warning => "警告",
            Severity::Note => "参考",
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $severity:ident, $title:literal;)*) => {
        /// The kinds of diagnostics. Errors are numbered from E001, failing examples from E101, warnings from W101,
        /// what a corpus shows from W301 and N301, what mutation shows from N401, other notes from N101.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// Every kind, in the order of their definition.
            pub const ALL: &'static [Kind] = &[$(Kind::$name,)*];

            /// The stable id.
            pub fn id(self) -> &'static str {
                match self { $(Kind::$name => $id,)* }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Kind::$name => Severity::$severity,)* }
            }

            /// What it is, in a few words of Japanese.
            pub fn title(self) -> &'static str {
                match self { $(Kind::$name => $title,)* }
            }

            /// Its page of the manual: Markdown with a rule file that has it (after a table, if it takes one) and the
            /// file mended.
            pub fn page(self) -> &'static str {
                match self { $(Kind::$name => include_str!(concat!("manual/", $id, ".md")),)* }
            }
        }
    };
}

kinds! {
    /// The file is not TOML.
    Toml = "E001", Error, "TOML として読めない";
    /// A key that means nothing here.
    UnknownKey = "E002", Error, "知らないキー";
    /// A key that must be there isn't.
    MissingKey = "E003", Error, "必要なキーがない";
    /// A value of the wrong type.
    WrongType = "E004", Error, "値の種類が違う";
    /// Two categories, variants or parts with one id or name.
    Duplicate = "E005", Error, "id・名前・表記の重なり";
    /// `{…}` names neither a variant nor a part.
    UnknownName = "E006", Error, "{…} の名前がない";
    /// `<…>` or `expect` names no category.
    UnknownCategory = "E007", Error, "<…> や expect のカテゴリがない";
    /// The condition can't be read.
    Syntax = "E008", Error, "条件の書き方の誤り";
    /// A bracket, quotation or regular expression of a condition without its end.
    Unclosed = "E009", Error, "条件の括弧や引用符の閉じ忘れ";
    /// A part of speech that IPADIC doesn't have.
    UnknownPos = "E010", Error, "辞書にない品詞";
    /// A regular expression that can't be compiled.
    BadRegex = "E011", Error, "読めない正規表現";
    /// Categories or parts that refer to themselves.
    Cycle = "E012", Error, "堂々巡り";
    /// A term with nothing in it after normalisation.
    EmptyTerm = "E013", Error, "空の語";
    /// A category without anything that could match.
    NoCondition = "E014", Error, "any も rule もないカテゴリ";
    /// An id that isn't lower-case ASCII.
    BadId = "E015", Error, "id に使えない文字";
    /// A sign of TOML typed full-width.
    FullWidthSign = "E016", Error, "半角で書く記号が全角";
    /// A quotation or list of TOML without its end.
    UnclosedValue = "E017", Error, "値や並びの閉じ忘れ";
    /// A key given twice.
    DuplicateKey = "E018", Error, "同じキーが 2 度";
    /// A call of a function that doesn't exist.
    UnknownFunction = "E019", Error, "知らない関数";
    /// Something that KH Coder's coding rules write another way.
    KhCoder = "E020", Error, "KH Coder の書き方";
    /// `allow` names what can't be allowed.
    BadAllow = "E021", Error, "allow に書けない番号";
    /// An invisible character outside values.
    InvisibleSign = "E022", Error, "値の外の見えない文字";
    /// `ok` doesn't get the category.
    OkFails = "E101", Error, "ok の例に付かない";
    /// `ng` gets the category.
    NgFails = "E102", Error, "ng の例に付いてしまう";
    /// A case gets other categories than expected.
    CaseFails = "E103", Error, "[[case]] が期待どおりでない";
    /// A category without an `ng`.
    NoCounterexample = "W101", Warning, "ng がない";
    /// `and` and `or` without brackets.
    MixedOperators = "W102", Warning, "「かつ」と「または」が括弧なしで混ざっている";
    /// A term of one character, which is found everywhere.
    ShortTerm = "W103", Warning, "1 文字だけの語";
    /// A term in an inflected form: only this form is found.
    InflectedTerm = "W104", Warning, "活用した形の語";
    /// The same term twice in one list.
    RepeatedTerm = "W105", Warning, "同じ語が 2 度";
    /// An operator glued to a word.
    GluedOperator = "W106", Warning, "演算子が語にくっついている";
    /// A word in quotes that KH Coder takes for raw text.
    QuotedWord = "W107", Warning, "'…' は語として探される";
    /// A term found wherever another is found that is enough.
    SwallowedTerm = "W108", Warning, "ほかの語に含まれる語";
    /// A condition that always holds.
    AlwaysTrue = "W109", Warning, "いつも成り立つ条件";
    /// A condition that never holds.
    AlwaysFalse = "W110", Warning, "決して成り立たない条件";
    /// Terms that become one word when they stand as close as asked for.
    UnmeetableDistance = "W111", Warning, "決して届かない距離";
    /// A character that only looks like the one meant.
    LookAlike = "W112", Warning, "形の似た別の文字";
    /// A category without an `ok`.
    NoExample = "W113", Warning, "ok がない";
    /// An `allow` that silences nothing.
    UnusedAllow = "W114", Warning, "何も消さない allow";
    /// A part or variant that no condition uses.
    UnusedDefinition = "W115", Warning, "使われていない部品・表記ゆれ";
    /// The same example twice in one category.
    RepeatedExample = "W116", Warning, "同じ例が 2 度";
    /// Several words joined to one term.
    ListInTerm = "W117", Warning, "「・」でつないだ語";
    /// The denial of a word that is itself a denial.
    DoubleDenial = "W118", Warning, "打ち消しの形の語を否定している";
    /// A term that the category's own `not` always takes back.
    SelfExcluded = "W119", Warning, "not が必ず打ち消す語";
    /// A regular expression with characters that normalisation leaves nowhere.
    UnnormalisedRegex = "W120", Warning, "正規表現に当たらない文字";
    /// A regular expression that matches nothing at all, everywhere.
    EmptyMatch = "W121", Warning, "何もない所に当たる正規表現";
    /// An alternative that holds because something is absent.
    NegatedAlternative = "W122", Warning, "「または」の片方が「でない」";
    /// A variant with one spelling.
    LoneSpelling = "W123", Warning, "書き方が 1 つの表記ゆれ";
    /// A case that asks for nothing.
    EmptyCase = "W124", Warning, "何も確かめない [[case]]";
    /// A file that defines nothing.
    EmptyFile = "W125", Warning, "中身のないファイル";
    /// A name that breaks the tables it is written to.
    AwkwardName = "W126", Warning, "表で困る name";
    /// An example that counts as no answer.
    VacuousExample = "W127", Warning, "回答なしとみなされる例";
    /// A sign that stands for anything elsewhere, in a term.
    Wildcard = "W128", Warning, "何かの代わりのつもりの記号";
    /// A term whose characters or reading occur in the corpus, but never the term.
    UnfoundTerm = "W301", Warning, "回答に別の形で出てくる語";
    /// A term, enough by itself, that a large part of the corpus has.
    CommonTerm = "W302", Warning, "当たりすぎる語";
    /// A column that the corpus doesn't have.
    MissingColumn = "W303", Warning, "表にない列";
    /// A value that the column doesn't have in the corpus.
    MissingValue = "W304", Warning, "列にない値";
    /// A known gap that is closed.
    TodoPasses = "N101", Note, "todo_ok の例に付くようになった";
    /// Terms and combinations that don't occur in the corpus.
    AbsentTerms = "N301", Note, "回答に出てこない語";
    /// Terms and rules whose every hit another rule of the category gives.
    RedundantTerms = "N302", Note, "ほかのルールで足りている語";
    /// A condition whose parts occur together in the corpus, but never as it asks for.
    UnmetCondition = "N303", Note, "語はそろうのに成り立たない条件";
    /// Parts of a condition that no example would miss.
    UntestedParts = "N401", Note, "例に守られていない部分";
}

impl Kind {
    /// The kind with this id, in upper or lower case.
    pub fn find(id: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.id().eq_ignore_ascii_case(id))
    }

    /// Whether it sums up what was found in several places: the place of the first of them tells little.
    pub fn is_summary(self) -> bool {
        matches!(self, Kind::AbsentTerms | Kind::RedundantTerms | Kind::UntestedParts)
    }

    /// Whether it takes a corpus to find it.
    pub fn is_of_corpus(self) -> bool {
        self.id()[1..].starts_with('3')
    }

    /// The fenced blocks of its page in the language `fence`, in order.
    pub fn examples(self, fence: &str) -> Vec<&'static str> {
        let opening = format!("```{fence}\n");
        let blocks = self.page().split(&*opening).skip(1);
        blocks.filter_map(|block| block.split_once("```").map(|(inside, _)| inside)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_tell_the_severity() {
        let mut ids: Vec<&str> = Kind::ALL.iter().map(|kind| kind.id()).collect();
        for kind in Kind::ALL {
            let expected = match kind.severity() {
                Severity::Error => "E",
                Severity::Warning => "W",
                Severity::Note => "N",
            };
            assert!(kind.id().starts_with(expected));
            assert_eq!(Kind::find(&kind.id().to_lowercase()), Some(*kind));
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Kind::ALL.len());
    }

    #[test]
    fn every_page_has_a_file_that_is_wrong_and_the_same_mended() {
        for kind in Kind::ALL {
            assert_eq!(kind.examples("toml").len(), 2, "{}", kind.id());
            assert!(!kind.page().starts_with("```"), "{} says nothing", kind.id());
        }
    }
}
