//! The shipped rules keep their own promises, and the rule language does what its documentation says.
//!
//! The language is tried with the toy dictionary, in which every segmentation can be worked out on paper and which no
//! change of the real one touches; `toy-dictionary/README.md` lists its words.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod common;

use std::sync::{Arc, LazyLock};

use jirei::comment::{Comment, Row, Schema};
use jirei::diagnostic::{Diagnostic, Severity, SourceFile};
use jirei::matcher::Worker;
use jirei::rule::{self, Compiled, check, example};
use jirei::tokenize::{Source, Tokenizer};
use lindera_dictionary::builder::DictionaryBuilder;
use lindera_dictionary::dictionary::metadata::Metadata;

// The shipped rules.

static EMBEDDED: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer::embedded().unwrap());

/// The codebook.
const IDS: &[&str] = &[
    "eligibility-invalid",
    "no-match",
    "false-valid",
    "timelag",
    "copay-mismatch",
    "ceiling-error",
    "mislink",
    "missing-field",
    "black-circle",
    "name-address",
    "face-auth",
    "face-false-accept",
    "pin",
    "reader-fault",
    "system-fault",
    "card-expired",
    "card-defect",
    "card-absent",
    "operation",
    "reception-delay",
    "complaint",
    "confusion",
    "privacy",
    "outdoor",
    "subsidy",
    "full-charge",
    "claim-return",
    "other-proof",
    "inquiry",
    "clerical-burden",
    "gave-up",
    "keep-card",
    "anti-mandate",
    "cost",
    "smartphone",
    "elderly",
    "child",
    "disability",
    "foreigner",
];

fn shipped() -> Compiled {
    rule::compile(&rule::shipped::sources(), &EMBEDDED)
}

fn listed(diagnostics: &[Diagnostic]) -> String {
    let line = |found: &Diagnostic| {
        let (line, column) = found.line_column();
        let text = &found.file.text[found.range.clone()];
        let notes = found.notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        format!("{}:{line}:{column} {} {} {text} {notes}", found.file.name, found.kind.id(), found.title)
    };
    diagnostics.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn shipped_rules_pass_their_examples() {
    let compiled = shipped();
    let rulebook = compiled.rulebook.as_ref().unwrap_or_else(|| panic!("{}", listed(&compiled.diagnostics)));
    let outcome = example::run(rulebook, &compiled.files, &EMBEDDED);
    assert!(outcome.diagnostics.is_empty(), "\n{}", listed(&outcome.diagnostics));
}

#[test]
fn shipped_rules_give_no_warnings() {
    let mut checked = check::check(&rule::shipped::sources(), &EMBEDDED);
    checked.settle(check::Looked { at_examples: true, ..check::Looked::default() });
    let mut found = checked.diagnostics;
    found.retain(|diagnostic| diagnostic.kind.severity() != Severity::Note);
    assert!(found.is_empty(), "\n{}", listed(&found));
}

#[test]
fn every_category_has_three_examples_and_two_counterexamples() {
    let compiled = shipped();
    let categories = compiled.files.iter().flat_map(|file| &file.categories);
    let poor: Vec<String> = categories
        .filter(|category| category.ok.len() < 3 || category.ng.len() < 2)
        .map(|category| format!("{}: {} ok, {} ng", category.id.text, category.ok.len(), category.ng.len()))
        .collect();
    assert!(poor.is_empty(), "\n{}", poor.join("\n"));
}

#[test]
fn the_codebook_is_complete_and_grouped() {
    let rulebook = shipped().rulebook.unwrap();
    let mut found: Vec<&str> = rulebook.categories().iter().map(|category| category.id.as_str()).collect();
    let mut wanted = IDS.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
    for category in rulebook.categories() {
        assert!(
            !category.group.is_empty() && !category.desc.is_empty(),
            "{} lacks a group or desc",
            category.id
        );
    }
}

// The rule language.

static TOY: LazyLock<Tokenizer> = LazyLock::new(|| {
    let source = common::root().join("tests/toy-dictionary");
    let metadata = Metadata::load(&std::fs::read(source.join("metadata.json")).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    DictionaryBuilder::new(metadata).build_dictionary(&source, folder.path()).unwrap();
    Tokenizer::new(Source::Folder(folder.path().to_owned()), vec![]).unwrap()
});

/// `id rule: evidence`, a line each, of what the rule file `rules` finds in `comment`.
fn found_in(comment: &Comment, rules: &str) -> Vec<String> {
    let file = SourceFile { name: "t.toml".to_owned(), text: rules.to_owned() };
    let compiled = rule::compile(&[Arc::new(file)], &TOY);
    let rulebook = compiled.rulebook.unwrap_or_else(|| panic!("{rules}\n{}", listed(&compiled.diagnostics)));
    let tagging = Worker::new(&rulebook, &TOY).tag(comment);
    let mut found = Vec::new();
    for tag in &tagging.tags {
        assert!(!tag.evidence.is_empty(), "a category has evidence");
        for evidence in &tag.evidence {
            let text = &comment.text()[evidence.span.range()];
            found.push(format!("{} {text}", rulebook.rule_label(evidence.rule)));
        }
    }
    found
}

/// The evidence that the condition finds in `text`.
fn evidence(condition: &str, text: &str) -> Vec<String> {
    let rules = format!("[[category]]\nid = 'c'\nname = 'C'\nrule = '''\n({condition})\n'''\n");
    let found = found_in(&Comment::from_text(text), &rules);
    found.iter().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect()
}

/// Checks rows of condition, text and evidence; no evidence means no category.
fn check(table: &[(&str, &str, &[&str])]) {
    let mut wrong = Vec::new();
    for (condition, text, expected) in table {
        let found = evidence(condition, text);
        if found != *expected {
            wrong.push(format!("{condition} in {text}: {found:?}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn words_are_found_by_base_form_and_at_token_boundaries_only() {
    check(&[
        ("できる", "顔認証ができない", &["できない"]),
        ("できる", "できた。できません", &["できた", "できません"]),
        ("番号", "番号を忘れた", &["番号"]),
        // 暗証番号 is one token: 番号 does not stand there.
        ("番号", "暗証番号を忘れた", &[]),
        // 保険|証: a word may be several tokens.
        ("保険証", "保険証を確認", &["保険証"]),
        ("「証番」", "暗証番号を忘れた", &["証番"]),
        ("「番号」", "暗証番号", &["番号"]),
        ("できなかった", "顔認証ができなかった", &["できなかった"]),
    ]);
}

#[test]
fn what_is_written_another_way_is_found_and_shown_as_written() {
    check(&[
        ("エラー", "ｴﾗｰが出た", &["ｴﾗｰ"]),
        ("顔認証", "顔 認 証 が できない", &["顔 認 証"]),
        ("near(顔認証, 否定(できる))[文]", "顔 認 証 が で き な い", &["顔 認 証 が で き な い"]),
        ("カード", "カ－ドを忘れた", &["カ－ド"]),
        ("ｶｰﾄﾞ", "カードを忘れた", &["カード"]),
        ("/[0-9]+割/", "負担が１０割", &["１０割"]),
        ("「10割」", "負担が１０割", &["１０割"]),
    ]);
}

#[test]
fn near_counts_the_tokens_between_and_stays_in_its_scope() {
    check(&[
        // 顔認証|が|番号|で|エラー: three tokens between.
        ("near(顔認証, エラー)[文3]", "顔認証が番号でエラー", &["顔認証が番号でエラー"]),
        ("near(顔認証, エラー)[文2]", "顔認証が番号でエラー", &[]),
        ("near(エラー, 顔認証)[3]", "顔認証が番号でエラー", &["顔認証が番号でエラー"]),
        ("near(カード, エラー)[文0]", "カードエラー", &["カードエラー"]),
        // Ten tokens where nothing is written.
        ("near(顔認証, エラー)", "顔認証がカードとカードとカードとカードとカードでエラー", &[]),
        (
            "near(顔認証, エラー)",
            "顔認証がカードとカードとカードとカードでエラー",
            &["顔認証がカードとカードとカードとカードでエラー"],
        ),
        (
            "near(顔認証, エラー)[文]",
            "顔認証がカードとカードとカードとカードとカードでエラー",
            &["顔認証がカードとカードとカードとカードとカードでエラー"],
        ),
        // Sentence, clause, paragraph, comment.
        ("near(顔認証, エラー)[文]", "顔認証が失敗。エラーが出る", &[]),
        ("near(顔認証, エラー)[段]", "顔認証が失敗。エラーが出る", &["顔認証が失敗。エラー"]),
        ("near(顔認証, エラー)[段]", "顔認証が失敗\nエラーが出る", &[]),
        ("near(顔認証, エラー)[全]", "顔認証が失敗\nエラーが出る", &["顔認証が失敗\nエラー"]),
        ("near(顔認証, エラー)[節]", "顔認証ができないので、エラーが出る", &[]),
        ("near(顔認証, エラー)[文]", "顔認証ができないので、エラーが出る", &["顔認証ができないので、エラー"]),
        // The nearest pair, and every pair.
        ("near(顔認証, エラー)[文]", "顔認証と顔認証でエラー", &["顔認証でエラー"]),
        (
            "near(カード, エラー)[文2]",
            "カードでエラー。カードのエラー",
            &["カードでエラー", "カードのエラー"],
        ),
        // What must not stand there.
        ("near(顔認証, エラー, !カード)[文]", "顔認証でエラー", &["顔認証でエラー"]),
        ("near(顔認証, エラー, !カード)[文]", "顔認証でカードのエラー", &[]),
        ("near(顔認証, エラー, !カード)[文]", "顔認証でエラー。カードを忘れた", &["顔認証でエラー"]),
        ("near(顔認証, エラー, !カード)[文1]", "顔認証でエラーが出る、カード", &["顔認証でエラー"]),
        // Three operands.
        ("near(顔認証, カード, エラー)[文1]", "カードで顔認証のエラー", &["カードで顔認証のエラー"]),
        ("near(顔認証, カード, エラー)[文1]", "カードで名前が顔認証のエラー", &[]),
    ]);
}

#[test]
fn seq_asks_for_the_order_too() {
    check(&[
        ("seq(顔認証, エラー)[文]", "顔認証でエラー", &["顔認証でエラー"]),
        ("seq(顔認証, エラー)[文]", "エラーで顔認証", &[]),
        ("near(顔認証, エラー)[文]", "エラーで顔認証", &["エラーで顔認証"]),
        ("順に(カード, 顔認証, エラー)[文1]", "カードの顔認証でエラー", &["カードの顔認証でエラー"]),
        ("順に(カード, 顔認証, エラー)[文1]", "顔認証のカードでエラー", &[]),
        ("seq(顔認証, エラー)[文0]", "顔認証でエラー", &[]),
    ]);
}

#[test]
fn polarity_is_that_of_the_predicate_in_its_place() {
    check(&[
        ("否定(できる)", "顔認証ができない", &["できない"]),
        ("肯定(できる)", "顔認証ができない", &[]),
        ("否定(できる)", "顔認証ができなかった", &["できなかった"]),
        ("否定(できる)", "顔認証ができず", &["できず"]),
        ("否定(できる)", "顔認証ができません", &["できません"]),
        ("肯定(できる)", "顔認証ができた", &["できた"]),
        ("否定(できる)", "顔認証ができた", &[]),
        ("肯定(できる)", "問題なくできた", &["できた"]),
        ("否定(できる)", "問題なくできた", &[]),
        ("否定(できる)", "できないことはない", &[]),
        ("肯定(できる)", "できないことはない", &["できない"]),
        ("否定(できる)", "できないわけではない", &[]),
        ("否定(確認)", "確認されていない", &["確認されていない"]),
        ("肯定(確認)", "確認されている", &["確認"]),
        ("否定(エラー)", "エラーが出なかった", &["エラーが出なかった"]),
        ("肯定(エラー)", "エラーが出た", &["エラー"]),
        // The denial is part of the evidence of what stands around it.
        ("near(顔認証, 否定(できる))[文]", "顔認証ができない", &["顔認証ができない"]),
        // Each place by itself.
        ("否定(できる)", "顔認証ができた。確認ができない", &["できない"]),
        ("否定(できる | 確認)", "確認しない", &["確認しない"]),
    ]);
}

#[test]
fn adjacency_leaves_nothing_between() {
    check(&[
        ("保険+証", "保険証", &["保険証"]),
        ("保険+証", "保険の証", &[]),
        ("できる+ない", "顔認証ができなかった", &["できなかった"]),
        ("できる+ない", "できません", &[]),
        ("カード+リーダー+が", "カードリーダーが出た", &["カードリーダーが"]),
    ]);
}

#[test]
fn parts_of_speech_tell_homographs_apart() {
    check(&[
        ("紐づけ-->名詞", "紐づけができない", &["紐づけ"]),
        ("紐づけ-->動詞", "紐づけができない", &[]),
        ("紐づけ-->動詞", "カードを紐づけない", &["紐づけない"]),
        ("*-->動詞", "失敗した。確認できない", &["した", "できない"]),
        ("near(カード, 否定(*-->動詞))[文]", "カードを紐づけない", &["カードを紐づけない"]),
        ("near(カード, 否定(*-->動詞))[文]", "カードを紐づけた", &[]),
        ("失敗-->名詞-サ変接続", "失敗した", &["失敗"]),
        ("名前-->名詞-サ変接続", "名前が出た", &[]),
        ("保険+証-->名詞-接尾", "保険証", &["保険証"]),
    ]);
}

#[test]
fn hits_and_characters_are_counted() {
    check(&[
        ("回数(エラー) >= 2", "エラーとエラー", &["エラー", "エラー"]),
        ("回数(エラー) >= 2", "エラー", &[]),
        ("回数(エラー | 失敗) == 2", "エラーと失敗", &["エラー", "失敗"]),
        ("回数(エラー) < 2 かつ エラー", "エラーとエラー", &[]),
        ("回数(エラー) < 2 かつ エラー", "エラー", &["エラー"]),
        ("「●」 >= 3", "名前が●●●", &["●", "●", "●"]),
        ("「●」 >= 3", "名前が●●", &[]),
        ("字数() >= 5 かつ エラー", "エラーが出", &["エラー"]),
        ("字数() > 5 かつ エラー", "エラーが出", &[]),
        // A condition without a place of its own: the whole answer is the evidence.
        ("字数() <= 5", "エラーが出", &["エラーが出"]),
    ]);
}

#[test]
fn operators_bind_as_documented() {
    check(&[
        ("顔認証 かつ エラー", "顔認証。エラー", &["顔認証", "エラー"]),
        ("顔認証 かつ エラー", "顔認証", &[]),
        ("顔認証 または カード かつ エラー", "顔認証", &["顔認証"]),
        ("(顔認証 または カード) かつ エラー", "顔認証", &[]),
        ("顔認証 かつ !エラー", "顔認証が失敗", &["顔認証"]),
        ("顔認証 かつ !エラー", "顔認証。エラー", &[]),
        ("顔認証 かつ でない エラー", "顔認証に失敗", &["顔認証"]),
        ("顔認証 and not エラー", "顔認証", &["顔認証"]),
        ("顔認証　＆　（エラー｜失敗）", "顔認証に失敗", &["顔認証", "失敗"]),
        ("!エラー", "顔認証に失敗", &["顔認証に失敗"]),
        ("!エラー", "エラー", &[]),
    ]);
}

#[test]
fn regular_expressions_see_the_normalised_text() {
    check(&[
        ("/[0-9]{2}割/", "１０割", &["１０割"]),
        ("/●{2,}/", "名前が●●●と表示", &["●●●"]),
        ("/x*/", "エラー", &[]),
        ("near(/[0-9]+割/, エラー)[文1]", "10割でエラー", &["10割でエラー"]),
    ]);
}

#[test]
fn columns_are_tested_by_name() {
    let headers = ["id", "都道府県", "区分", "問7", "問13"].map(str::to_owned).to_vec();
    let schema = Schema {
        headers,
        id: Some(0),
        texts: vec![3, 4],
        question: None,
        attributes: vec![1, 2],
        nothing: Vec::new(),
    };
    let row = Row {
        number: 1, cells: vec!["5", "東京都", "医科診療所", "エラーが出た", "エラー"].into()
    };
    let (schema, row) = (Arc::new(schema), Arc::new(row));
    let comment = |column| Comment::new(Arc::clone(&schema), Arc::clone(&row), column);
    let holds = |condition: &str, column| {
        let rules = format!("[[category]]\nid = 'c'\nname = 'C'\nrule = '''\n{condition}\n'''\n");
        !found_in(&comment(column), &rules).is_empty()
    };
    for (condition, in_7, in_13) in [
        ("列(問, '問7') かつ エラー", true, false),
        ("列(問, '問7')", true, false),
        ("列(問, 問１３)", false, true),
        ("列(問, '問7', '問13')", true, true),
        ("列(都道府県, '東京都') かつ エラー", true, true),
        ("列(都道府県, '大阪府') かつ エラー", false, false),
        ("列(区分, /^医科/) かつ エラー", true, true),
        ("列(区分, '医科') かつ エラー", false, false),
        ("列(地方, '関東') かつ エラー", false, false),
        ("!列(問, '問7') かつ エラー", false, true),
    ] {
        assert_eq!((holds(condition, 3), holds(condition, 4)), (in_7, in_13), "{condition}");
    }
}

#[test]
fn variants_are_one_word_and_parts_one_condition() {
    let rules = "
        [[variant]]
        name = '紐づけ'
        forms = ['ヒモヅケ', 'リンク']
        [[part]]
        name = '失敗'
        rule = '失敗 | エラー | 否定(できる)'
        [[category]]
        id = 'named'
        name = '名前で'
        rule = 'near({紐づけ}, {失敗})[文2]'
        [[category]]
        id = 'spelled'
        name = '表記で'
        rule = 'near(リンク, 失敗)[文2]'";
    for (text, expected) in [
        ("紐づけに失敗", &["named/1 紐づけに失敗", "spelled/1 紐づけに失敗"][..]),
        ("ヒモヅケに失敗", &["named/1 ヒモヅケに失敗", "spelled/1 ヒモヅケに失敗"]),
        ("リンクに失敗", &["named/1 リンクに失敗", "spelled/1 リンクに失敗"]),
        ("ヒモヅケができない", &["named/1 ヒモヅケができない"]),
        ("カードができない", &[]),
    ] {
        assert_eq!(found_in(&Comment::from_text(text), rules), expected, "{text}");
    }
}

#[test]
fn categories_build_on_others_wherever_they_stand() {
    let rules = "
        [[category]]
        id = 'both'
        name = '両方'
        rule = 'near(<fault>, カード)[全] かつ !<absent>'
        [[category]]
        id = 'fault'
        name = '不具合'
        any = ['エラー', '失敗']
        not = ['near(顔認証, エラー)[文]']
        [[category]]
        id = 'absent'
        name = '忘れ'
        rule = '忘れる'";
    for (text, expected) in [
        ("カードのエラー", &["both/1 カードのエラー", "fault/any エラー"][..]),
        // What is taken back is no evidence for others.
        ("カードの顔認証でエラー", &[]),
        ("カードの顔認証でエラー。カードで失敗", &["both/1 カードで失敗", "fault/any 失敗"]),
        ("カードで失敗。忘れた", &["fault/any 失敗", "absent/1 忘れた"]),
    ] {
        assert_eq!(found_in(&Comment::from_text(text), rules), expected, "{text}");
    }
}

#[test]
fn not_takes_back_what_stands_in_its_sentence_only() {
    let with = |not: &str| {
        format!("[[category]]\nid = 'c'\nname = 'C'\nany = ['エラー', '失敗']\nnot = [\"{not}\"]\n")
    };
    for (not, text, expected) in [
        ("near(カード, エラー)", "カードのエラー", &[][..]),
        ("near(カード, エラー)", "カードのエラー。顔認証に失敗", &["c/any 失敗"]),
        ("near(カード, エラー)", "エラー。カードのエラー。エラー", &["c/any エラー", "c/any エラー"]),
        ("near(カード, エラー)", "カードのエラーと失敗", &[]),
        ("「問題なく」", "エラーが問題なく出た\nエラー", &["c/any エラー"]),
        // Without a place of its own it takes back everything.
        ("字数() < 20", "エラー。失敗", &[]),
        ("字数() < 2", "エラー。失敗", &["c/any エラー", "c/any 失敗"]),
    ] {
        assert_eq!(found_in(&Comment::from_text(text), &with(not)), expected, "{not} in {text}");
    }
}

#[test]
fn evidence_is_labelled_by_the_alternative_and_kept_small() {
    let rules = "
        [[category]]
        id = 'c'
        name = 'C'
        any = ['カード', 'カードリーダー']
        rule = ['near(顔認証, 失敗)[文] または near(顔認証, エラー)[文]', '失敗']";
    let found = found_in(&Comment::from_text("カードリーダーの顔認証で失敗、エラー"), rules);
    assert_eq!(
        found,
        ["c/any カード", "c/1 顔認証で失敗", "c/2 顔認証で失敗、エラー", "c/3 失敗"],
        "the smaller of two places of one rule stays; of different rules both do"
    );
}

#[test]
fn answers_that_say_nothing_have_no_category() {
    for text in ["", " 　\n", "特になし", "－"] {
        assert_eq!(evidence("!エラー", text), [""; 0], "{text:?}");
    }
}
