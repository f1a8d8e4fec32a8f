//! Slips that a Japanese author makes, typed as they would be: each is caught on the right line, what is said names the
//! mend, and the file mended as it says passes without a word.

use std::sync::{Arc, LazyLock};

use jirei::diagnostic::{Diagnostic, SourceFile};
use jirei::rule::check::{Looked, check};
use jirei::tokenize::Tokenizer;

static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer::embedded().expect("it is built in"));

/// A slip: how it comes about, the line it is on, the id of the diagnostic, what its mend must say, and the lines as typed
/// and as mended. `{}` in [`FILE`] stands for the lines.
struct Slip {
    what: &'static str,
    line: usize,
    id: &'static str,
    mend: &'static str,
    typed: &'static str,
    mended: &'static str,
}

const FILE: &str = "\
group = '受付'

[[category]]
id   = 'crowded'
{}
ok   = ['受付がとても混んでいる', '受付が混雑していた']
ng   = ['受付は早い', '道が混んでいた']
";

const SLIPS: &[Slip] = &[
    Slip {
        what: "the input method is left on: signs of the file are full-width",
        line: 5,
        id: "E016",
        mend: "半角の「=」",
        typed: "name ＝ '受付の混雑'\nrule = 'near(受付, 混む | 混雑)'",
        mended: "name = '受付の混雑'\nrule = 'near(受付, 混む | 混雑)'",
    },
    Slip {
        what: "a list with Japanese commas",
        line: 6,
        id: "E016",
        mend: "半角の「,」",
        typed: "name = '受付の混雑'\nrule = ['near(受付, 混む)'、'near(受付, 混雑)']",
        mended: "name = '受付の混雑'\nrule = ['near(受付, 混む)', 'near(受付, 混雑)']",
    },
    Slip {
        what: "Japanese quotation marks around a value",
        line: 5,
        id: "E016",
        mend: "値は半角の「'」で囲んで",
        typed: "name = 「受付の混雑」\nrule = 'near(受付, 混む | 混雑)'",
        mended: "name = '受付の混雑'\nrule = 'near(受付, 混む | 混雑)'",
    },
    Slip {
        what: "a full-width blank before a key",
        line: 6,
        id: "E016",
        mend: "全角の空白を消す",
        typed: "name = '受付の混雑'\n　rule = 'near(受付, 混む | 混雑)'",
        mended: "name = '受付の混雑'\nrule = 'near(受付, 混む | 混雑)'",
    },
    Slip {
        what: "two words as in a search engine",
        line: 6,
        id: "E008",
        mend: "「または」「かつ」でつなぐ",
        typed: "name = '受付の混雑'\nrule = '受付 混む'",
        mended: "name = '受付の混雑'\nrule = '受付 かつ (混む | 混雑)'",
    },
    Slip {
        what: "a list inside one pair of quotes",
        line: 6,
        id: "E008",
        mend: "'語', '語' と 1 つずつ囲み",
        typed: "name = '受付の混雑'\nany  = ['受付が混む、受付が混雑']",
        mended: "name = '受付の混雑'\nany  = ['受付が混雑', 'near(受付, 混む)']",
    },
    Slip {
        what: "a full-width bracket that is never closed",
        line: 7,
        id: "E009",
        mend: "対応する「)」",
        typed: "name = '受付の混雑'\nrule = '''\nnear（受付、（混む｜混雑）\n'''",
        mended: "name = '受付の混雑'\nrule = '''\nnear（受付、（混む｜混雑））\n'''",
    },
    Slip {
        what: "the word as it stands in the answer, not in the dictionary",
        line: 6,
        id: "W104",
        mend: "どの活用形も探すなら 混む",
        typed: "name = '受付の混雑'\nrule = 'near(受付, 混ん | 混雑)'",
        mended: "name = '受付の混雑'\nrule = 'near(受付, 混む | 混雑)'",
    },
    Slip {
        what: "near as KH Coder writes it",
        line: 6,
        id: "E020",
        mend: "「,」で区切り",
        typed: "name = '受付の混雑'\nrule = 'near(受付-混む) or near(受付-混雑)'",
        mended: "name = '受付の混雑'\nrule = 'near(受付, 混む) or near(受付, 混雑)'",
    },
    Slip {
        what: "hiragana へ among katakana",
        line: 6,
        id: "W112",
        mend: "カタカナの「ヘ」",
        typed: "name = '受付の混雑'\nrule = 'near(受付 | へルプデスク, 混む | 混雑)'",
        mended: "name = '受付の混雑'\nrule = 'near(受付 | ヘルプデスク, 混む | 混雑)'",
    },
    Slip {
        what: "a key from memory",
        line: 6,
        id: "E002",
        mend: "「rule」の書き間違い",
        typed: "name = '受付の混雑'\nrules = 'near(受付, 混む | 混雑)'",
        mended: "name = '受付の混雑'\nrule = 'near(受付, 混む | 混雑)'",
    },
    Slip {
        what: "the denial put into 否定( )",
        line: 6,
        id: "W118",
        mend: "打ち消される語（「動く」など）",
        typed: "name = '受付の混雑'\nrule = 'near(受付, 混む | 混雑 | 否定(動かない))'",
        mended: "name = '受付の混雑'\nrule = 'near(受付, 混む | 混雑 | 否定(動く))'",
    },
    Slip {
        what: "only the closing quotation mark is full-width",
        line: 5,
        id: "E017",
        mend: "同じ種類の引用符",
        typed: "name = '受付の混雑’\nrule = 'near(受付, 混む | 混雑)'",
        mended: "name = '受付の混雑'\nrule = 'near(受付, 混む | 混雑)'",
    },
];

fn check_file(lines: &str, ends: &str) -> Vec<Diagnostic> {
    let text = FILE.replace("{}", lines).replace('\n', ends);
    let file = Arc::new(SourceFile { name: "rules.toml".to_owned(), text });
    let mut checked = check(&[file], &TOKENIZER);
    checked.settle(Looked { at_examples: true, ..Looked::default() });
    checked.diagnostics
}

fn listed(found: &[Diagnostic]) -> String {
    let line = |found: &Diagnostic| {
        format!("  {} {:?} {} / {}\n", found.kind.id(), found.line_column(), found.title, found.mend)
    };
    found.iter().map(line).collect()
}

#[test]
fn slips_are_caught_where_they_are_and_the_mend_works() {
    let mut problems = String::new();
    for slip in SLIPS {
        // The editors of this country's offices write either line end.
        for ends in ["\n", "\r\n"] {
            let found = check_file(slip.typed, ends);
            let caught = found.iter().any(|found| {
                found.kind.id() == slip.id
                    && found.line_column().0 == slip.line
                    && found.mend.contains(slip.mend)
            });
            if !caught {
                problems += &format!("{} is not caught:\n{}", slip.what, listed(&found));
            }
            let found = check_file(slip.mended, ends);
            if !found.is_empty() {
                problems += &format!("{} is not mended:\n{}", slip.what, listed(&found));
            }
        }
    }
    assert!(problems.is_empty(), "\n{problems}");
}
