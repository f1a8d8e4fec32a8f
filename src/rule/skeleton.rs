//! A new category as text, with a remark at every key: what an author begins with.

/// What is known of a new category.
#[derive(Debug, Clone, Default)]
pub struct Skeleton {
    /// Its id.
    pub id: String,
    /// Its Japanese name.
    pub name: String,
    /// Terms, each enough.
    pub any: Vec<String>,
    /// Texts that must get it.
    pub ok: Vec<String>,
    /// Texts that must not.
    pub ng: Vec<String>,
}

impl Skeleton {
    /// The category as TOML. What is not known stands there as a remark, to be filled in.
    pub fn to_toml(&self) -> String {
        let list = |key: &str, values: &[String], example: &str| match values {
            [] => format!("# {key:<4} = [{example}]\n"),
            _ => {
                let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
                format!("{key:<4} = [{}]\n", values.join(", "))
            }
        };
        let mut text = format!(
            "[[category]]\n\
             # 半角の英小文字・数字・「-」。結果のファイルにも出る名前なので、一度決めたら変えません。\n\
             id   = {}\n\
             # 表に出る日本語の名前。\n\
             name = {}\n\
             # どういう回答に付けるか。分類する人が迷わないように書きます。\n\
             # desc = '〜と書いた回答'\n\n\
             # 語の並び。どれか 1 つが出てくれば、このカテゴリが付きます。活用する語は原形（混む、忘れる）で書きます。\n",
            quoted(&self.id),
            quoted(&self.name)
        );
        text += &list("any", &self.any, "'混む', '混雑'");
        text += "# 語を組み合わせる条件。または・かつ・near( )・否定( ) が使えます。\n\
                 # rule = '''\n\
                 # near(顔認証, 否定(できる | 通る))\n\
                 # または near(画面, 遅い | 固まる)[節]\n\
                 # '''\n\
                 # 成り立つと、同じ文の根拠を取り消す語や条件。\n\
                 # not  = ['練習']\n\n\
                 # このカテゴリが付く文と、付かない文。`jirei check` が毎回試します。\n\
                 # ng には、同じ語が出てくるのに違う話、という文を書きます。\n";
        text += &list("ok", &self.ok, "'当たってほしい文'");
        text += &list("ng", &self.ng, "'当たってはいけない文'");
        text +=
            "# 付いてほしいが、まだ付かない文。数だけ数えます。\n# todo_ok = ['いつか当たってほしい文']\n";
        text
    }
}

/// The text as a TOML string: `'…'` where that is possible.
fn quoted(text: &str) -> String {
    if text.contains('\'') || text.contains(char::is_control) {
        toml::Value::String(text.to_owned()).to_string()
    } else {
        format!("'{text}'")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::rule::check::{Looked, check};
    use crate::tokenize::Tokenizer;

    fn found_in(text: String) -> Vec<&'static str> {
        let file = Arc::new(SourceFile { name: "new.toml".to_owned(), text });
        let mut checked = check(&[file], &Tokenizer::embedded().unwrap());
        checked.settle(Looked { at_examples: true, ..Looked::default() });
        checked.diagnostics.iter().map(|found| found.kind.id()).collect()
    }

    #[test]
    fn a_category_with_everything_passes_and_an_empty_one_says_what_is_missing() {
        let mut skeleton =
            Skeleton { id: "crowded".to_owned(), name: "混雑".to_owned(), ..Skeleton::default() };
        assert_eq!(found_in(skeleton.to_toml()), ["E014", "W101", "W113"]);
        skeleton.any = vec!["混む".to_owned()];
        skeleton.ok = vec!["受付が混んだ".to_owned(), "'混む'と\"言う\"".to_owned()];
        skeleton.ng = vec!["受付は早い".to_owned()];
        assert_eq!(found_in(skeleton.to_toml()), [""; 0]);
    }

    #[test]
    fn what_stands_in_remarks_is_sound_when_uncommented() {
        let skeleton = Skeleton { id: "a".to_owned(), name: "b".to_owned(), ..Skeleton::default() };
        let lines = skeleton.to_toml();
        let uncommented: Vec<&str> = lines
            .lines()
            .map(|line| {
                let is_key = |rest: &str| {
                    rest.contains(" = ")
                        || rest.starts_with("near")
                        || rest.starts_with("または")
                        || rest == "'''"
                };
                line.strip_prefix("# ").filter(|rest| is_key(rest)).unwrap_or(line)
            })
            .collect();
        let found = found_in(uncommented.join("\n"));
        assert!(
            found.iter().all(|id| ["E101", "N101", "E102"].contains(id)),
            "{found:?}\n{}",
            uncommented.join("\n")
        );
    }
}
