use std::sync::Arc;

use super::*;
use crate::diagnostic::SourceFile;
use crate::exchange::draft;
use crate::rule::compile;

#[test]
fn files_of_the_usual_encodings_are_read() {
    let text = "＊受付の混雑\r\n受付 and 混む\r\nカード or 待合室\r\n";
    for encoding in [encoding_rs::UTF_8, encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP] {
        let (bytes, _, _) = encoding.encode(text);
        let (decoded, _) = crate::read::encoding::decode(&bytes).expect("it is Japanese");
        assert_eq!(decoded, text, "{}", encoding.name());
    }
}

fn imported(text: &str) -> Imported {
    import(text, &Tokenizer::embedded().unwrap())
}

/// The condition as imported, and what was said about it.
fn condition(condition: &str) -> (String, Vec<String>) {
    let found = imported(&format!("＊前\n受付\n＊甲\n{condition}\n＊乙\n受付\n"));
    let written = found.file.tables.iter().find_map(|table| match table {
        Table::Category(category) if category.name.text == "甲" => {
            let values = category.any.iter().chain(&category.rules);
            Some(values.map(|value| value.text.clone()).collect::<Vec<_>>().join("、"))
        }
        _ => None,
    });
    let said = found
        .notices
        .iter()
        .map(|notice| format!("{}:{} {}", notice.line, notice.column, notice.text))
        .collect();
    (written.unwrap_or_default(), said)
}

#[test]
fn what_means_the_same_is_carried_over_in_silence() {
    for (theirs, ours) in [
        ("受付", "受付"),
        ("受付 or 会計 | 待合室", "受付、会計、待合室"),
        ("受付 and ( 混む or 行列 )", "受付 かつ (混む | 行列)"),
        ("受付 & ! 混む", "受付 かつ !混む"),
        ("受付 &! ( 混む or 待つ )", "受付 かつ !(混む | 待つ)"),
        ("not 受付 and 混む or 待つ", "(!受付 かつ 混む)\nまたは 待つ\n"),
        ("'人が 多い'", "「人が 多い」"),
        ("'「例」と'", "/「例」と/"),
        ("\"and\" or 受付", "'and'、受付"),
        ("near(受付-混む)", "near(受付, 混む)[全9]"),
        ("near(受付-混む)[b5]", "near(受付, 混む)[文4]"),
        ("seq(受付-混む)[d][0]", "順に(受付, 混む)[段]"),
        ("読み取り+エラー", "読み取り+エラー"),
        ("待つ >= 2", "回数(待つ) >= 2"),
        ("2 < 待つ + 並ぶ", "回数(待つ | 並ぶ) > 2"),
        ("lc >= 100", "字数() >= 100"),
        ("受付-->サ変名詞", "受付-->名詞-サ変接続"),
        ("<>県-->東京都 or <>職-->\"事務員\"", "列(県, '東京都')\nまたは 列(職, '事務員')\n"),
        ("<＊前> and 混む", "<code-1> かつ 混む"),
    ] {
        assert_eq!(condition(theirs), (ours.to_owned(), Vec::<String>::new()), "{theirs}");
    }
}

#[test]
fn every_difference_is_said_with_its_place() {
    for (theirs, ours, place, said) in [
        ("受付 and (混む or 待つ)", "受付 かつ (混む | 待つ)", "4:8", "「(混む」全体が 1 つの語"),
        ("受付 ＡＮＤ 混む", "受付 かつ 混む", "4:4", "演算子ではなく語"),
        ("受付 または 混む", "受付、混む", "4:4", "演算子ではなく語"),
        ("受付｜混む", "受付、混む", "4:1", "全体が 1 つの語"),
        ("lc>=10", "字数() >= 10", "4:1", "全体が 1 つの語"),
        ("near(受付 - 混む)", "near(受付, 混む)[全9]", "4:1", "空白を入れられません"),
        ("NEAR(受付-混む)", "near(受付, 混む)[全9]", "4:1", "小文字"),
        ("near(受付-受付)", "near(受付, 受付)[全9]", "4:1", "同じ語が 2 度"),
        ("遅かっ", "遅かっ", "4:1", "原形は「遅い」"),
        ("番号札係", "番号札係", "4:1", "区切られるので"),
        ("彼 or 受付", "彼、受付", "4:1", "代名詞"),
        ("'50%'", "「50%」", "4:1", "任意の文字"),
        ("'人' >= 2", "回数(「人」) >= 2", "4:5", "含む文の数"),
        ("2025", "2025", "4:1", "いつも成り立ちます"),
        ("<*前>", "<code-1>", "4:1", "星印"),
        ("<＊前 >", "<code-1>", "4:1", "空白を入れられません"),
        ("待つ-->動詞->連用形", "待つ-->動詞-自立", "4:1", "活用形「連用形」"),
        ("待つ-->動詞B", "待つ-->動詞-自立", "4:1", "ひらがなだけの語です"),
        ("待つ=>待っ", "待っ", "4:1", "表層「待っ」"),
        ("'未閉", "未閉", "4:1", "引用符が閉じられていません"),
    ] {
        let (written, notices) = condition(theirs);
        assert_eq!(written, ours, "{theirs}");
        assert!(
            notices.iter().any(|notice| notice.starts_with(place) && notice.contains(said)),
            "{theirs}: {notices:?}"
        );
    }
}

#[test]
fn what_has_no_counterpart_is_listed_and_kept_as_a_remark() {
    for (theirs, place, said) in [
        ("<>見出し1-->序", "4:1", "見出し"),
        ("受付 and lw >= 10", "4:8", "語数"),
        ("No. >= 10", "4:1", "通し番号"),
        ("<>年齢<> >= 60", "4:1", "外部変数の値"),
        ("受付 混む", "4:4", "and か or がありません"),
        ("受付 and", "4:4", "途中で終わっています"),
        ("( 受付 or 混む", "4:1", "閉じられていません"),
        ("受付 )", "4:4", "対応する「(」"),
        ("待つ * 2 >= 3", "4:4", "計算「*」"),
        ("待つ > 並ぶ", "4:4", "片方は数"),
        ("<＊乙>", "4:1", "まだ出てきていない"),
        ("<＊丙>", "4:1", "「＊丙」はありません"),
    ] {
        let found = imported(&format!("＊前\n受付\n＊甲\n{theirs}\n＊乙\n受付\n"));
        assert_eq!(found.codes, (2, 1), "{theirs}");
        let said_so = found.notices.iter().any(|notice| {
            notice.is_lost
                && format!("{}:{}", notice.line, notice.column) == place
                && notice.text.contains(said)
        });
        assert!(said_so, "{theirs}: {:?}", found.notices);
        let kept = found.file.tables.iter().any(
            |table| matches!(table, Table::Remark(remark) if remark.contains(theirs) && remark.contains("＊甲")),
        );
        assert!(kept, "{theirs}");
    }
}

/// The rules of a file that compiles, as KH Coder's.
fn exported(name: &str, text: &str, tokenizer: &Tokenizer) -> export::Exported {
    let source = SourceFile { name: name.to_owned(), text: text.to_owned() };
    let compiled = compile(&[Arc::new(source)], tokenizer);
    assert!(compiled.rulebook.is_some(), "{text}\n{:?}", compiled.diagnostics);
    export::export(&compiled.files, tokenizer)
}

#[test]
fn imported_rules_compile_and_come_back_as_they_were() {
    let tokenizer = Tokenizer::embedded().unwrap();
    let text = "\
#覚え
＊混雑
near(受付-混む)[b5]
or 行列

＊苦情
( <＊混雑> and 怒る )
or ( 受付 and not ( 待つ or 並ぶ ) )
or '人が多い'

＊件数
( 待つ + 並ぶ ) >= 2
or lc >= 100

";
    let found = import(text, &tokenizer);
    assert_eq!((found.codes, &found.notices[..]), ((3, 0), &[][..]));
    let written = draft::write(&found.file);
    let exported = exported("k.toml", &written, &tokenizer);
    assert_eq!(exported.notices, []);
    assert_eq!(exported.text, text.replace("#覚え\n", ""));
}

#[test]
fn what_kh_coder_cannot_say_is_listed_with_its_place() {
    let tokenizer = Tokenizer::embedded().unwrap();
    let text = "\
[[variant]]
name = '混む'
forms = ['込む', '混雑']
[[part]]
name = '場所'
rule = '受付 | 待合室 | 「ロビー」'
[[category]]
id = 'a'
name = '混雑'
any = ['行列', '/[0-9]+分/', '読み取れない']
rule = 'near({場所}, 混む)[節3] または 否定(空く)'
not = ['訓練']
";
    let exported = exported("r.toml", text, &tokenizer);
    assert_eq!(
        exported.text,
        "\
#「混雑」のうち、KH Coder では書けないもの
#  /[0-9]+分/（正規表現は KH Coder にありません）
#  否定(空く)（肯定・否定は KH Coder にありません）
＊混雑
( 行列
or 読み取れる+ない
or ( near(受付-混む)[b4] or near(受付-込む)[b4] or near(受付-混雑)[b4] or near(待合室-混む)[b4] or near(待合室-込む)[b4] or near(待合室-混雑)[b4] ) )
and not ( 訓練 )

"
    );
    let said: Vec<String> = exported
        .notices
        .iter()
        .map(|notice| {
            format!("{}:{}:{} {} {}", notice.file, notice.line, notice.column, notice.is_lost, notice.text)
        })
        .collect();
    assert_eq!(said.len(), 6, "{said:#?}");
    assert!(said[0].starts_with("r.toml:10:15 true 正規表現"), "{said:#?}");
    assert!(
        said.iter().any(|line| line.contains("「ロビー」") && line.starts_with("r.toml:11:14 true")),
        "{said:#?}"
    );
}

#[test]
fn a_near_of_more_combinations_than_can_be_counted_is_left_out() {
    let tokenizer = Tokenizer::embedded().unwrap();
    let rule = ["(駅 | 山)"; usize::BITS as usize].join(", ");
    let text = format!("[[category]]\nid = 'a'\nname = 'あ'\nrule = 'near({rule})'\n");
    let exported = exported("r.toml", &text, &tokenizer);
    assert_eq!(exported.categories, (0, 1));
    assert!(exported.notices[0].text.starts_with("near の組み合わせ"), "{:?}", exported.notices);
}
