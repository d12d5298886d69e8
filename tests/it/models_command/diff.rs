//! `models diff`: what would change if one registry took the place of another.

use serde_json::json;

use super::GUIDE;
use super::LIVING;
use super::fed;
use super::file;
use super::json_of;
use super::path;
use super::run;
use super::stderr;
use super::stdout;

#[tokio::test]
async fn diff_says_what_would_change() {
    let old = file(
        r#"{"modelRegistry": {
            "a": {"modelId": "x.a", "priority": 1, "prices": {"inputPerMillion": 3, "outputPerMillion": 15}},
            "b": {"modelId": "x.b", "priority": 2},
            "gone": {"modelId": "x.gone", "priority": 9}}}"#,
    );
    let new = r#"{"modelRegistry": {
            "new": {"modelId": "x.new", "priority": 0},
            "a": {"modelId": "us.x.a", "priority": 5, "prices": {"inputPerMillion": 3.3, "outputPerMillion": 15.0}},
            "b": {"modelId": "x.b", "priority": 2, "regions": ["us-east-1", "us-west-2"]}},
        "removedModels": [{"modelId": "x.gone", "name": "gone", "replacement": "new"}]}"#;

    let output = fed(&["models", "diff", path(&old), "-"], new).await;
    let json_output = fed(&["models", "diff", "--json", path(&old), "-"], new).await;

    assert_eq!(
        stdout(&output),
        "\
- gone  priority 9, x.gone
+ new  priority 0, x.new
~ b
    regions  none → us-east-1,us-west-2
~ a
    calledAs                x.a → us.x.a
    priority                1 → 5
    prices.inputPerMillion  3.00 → 3.30 (+10.0 %)
order of attempts among the models of both
    old  a, b
    new  b, a
removedModels
    x.gone  - → gone, use new
1 added, 1 removed, 2 changed, 1 in removedModels
"
    );
    assert_eq!((output.status.code(), stderr(&output)), (Some(1), ""));
    let report = json_of(&json_output);
    assert_eq!(report["same"], false);
    assert_eq!(
        report["changed"][1],
        json!({"model": "a", "members": [
            {"member": "calledAs", "old": "x.a", "new": "us.x.a"},
            {"member": "priority", "old": 1, "new": 5},
            {"member": "prices.inputPerMillion", "old": "3.00", "new": "3.30"},
        ]})
    );
    assert_eq!(report["order"]["new"], json!(["b", "a"]));
}

#[tokio::test]
async fn diff_of_the_same_is_empty() {
    let same = run(&["models", "diff", LIVING, LIVING]).await;
    let spelled = run(&["models", "diff", "--json", GUIDE, "auto"]).await;

    assert_eq!(stdout(&same), "no difference, 16 models\n");
    assert_eq!(json_of(&spelled)["same"], true);
    assert_eq!(
        (same.status.code(), spelled.status.code()),
        (Some(0), Some(0))
    );
}

#[tokio::test]
async fn diff_counts_what_differs_whatever_it_is() {
    let model = r#""modelRegistry": {"a": {"modelId": "x.a", "priority": 1}}"#;
    let old = file(&format!("{{{model}}}"));
    let new =
        format!(r#"{{{model}, "removedModels": [{{"modelId": "x.gone", "replacement": "a"}}]}}"#);

    let same = run(&["models", "diff", path(&old), path(&old)]).await;
    let other = fed(&["models", "diff", path(&old), "-"], &new).await;

    assert_eq!(stdout(&same), "no difference, 1 model\n");
    let last = stdout(&other).lines().last();
    assert_eq!(
        last,
        Some("0 added, 0 removed, 0 changed, 1 in removedModels")
    );
}
