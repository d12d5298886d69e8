use super::*;

const REGISTRY: &str = include_str!("fixtures/models.json");
const OPUS: &str = "anthropic.claude-opus-4-1-20250805-v1:0";

fn catalog(account: Option<&str>) -> Catalog {
    Catalog::read(&[REGISTRY.to_owned()], "us-east-1", account).unwrap()
}

fn refusal(catalog: &Catalog, id: &str) -> Refusal {
    catalog.resolve(id).unwrap_err()
}

#[test]
fn a_model_is_found_by_profile_id_and_by_arn() {
    let catalog = catalog(None);

    let by_id = catalog.resolve(&format!("us.{OPUS}")).unwrap();
    let by_arn = catalog
        .resolve(&format!(
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.{OPUS}"
        ))
        .unwrap();

    assert_eq!(by_id.key, "claude-opus-4-1");
    assert_eq!(by_arn.key, "claude-opus-4-1");
}

#[test]
fn a_stored_prompt_is_found_by_its_arn_in_its_account() {
    let arn = "arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEFGHIJ:7";

    let own = catalog(Some("123456789012"));
    let foreign = catalog(Some("444455556666"));

    assert_eq!(own.resolve(arn).unwrap().key, "stored-prompt");
    assert_eq!(refusal(&foreign, arn).name, "AccessDeniedException");
}

#[test]
fn the_bare_id_of_a_profile_only_model_is_refused_with_the_services_text() {
    let refusal = refusal(&catalog(None), OPUS);

    assert_eq!(refusal.name, "ValidationException");
    assert!(
        refusal
            .message
            .contains("on-demand throughput isn\u{2019}t supported")
    );
}

#[test]
fn the_bare_id_of_another_model_is_callable() {
    let catalog = catalog(None);

    let model = catalog
        .resolve("anthropic.claude-3-5-sonnet-20241022-v2:0")
        .unwrap();

    assert_eq!(model.key, "claude-3-5-sonnet-v2");
}

#[test]
fn a_profile_of_another_account_is_denied_and_of_another_region_unknown() {
    let catalog = catalog(Some("111122223333"));
    let arn =
        |region, account| format!("arn:aws:bedrock:{region}:{account}:inference-profile/us.{OPUS}");

    assert!(catalog.resolve(&arn("us-east-1", "111122223333")).is_ok());
    assert_eq!(
        refusal(&catalog, &arn("us-east-1", "444455556666")).name,
        "AccessDeniedException"
    );
    assert_eq!(
        refusal(&catalog, &arn("eu-west-1", "111122223333")).message,
        "The provided model identifier is invalid."
    );
}

#[test]
fn hard_limits_win_over_configured_ones() {
    let catalog = catalog(None);

    let model = catalog.resolve("us.deepseek.r1-v1:0").unwrap();

    assert_eq!(model.context_window, 128_000);
}

#[test]
fn an_entry_with_nothing_but_an_id_can_do_what_claude_can() {
    let text = r#"{"modelRegistry": {"plain": {"modelId": "anthropic.claude-new"}}}"#;

    let catalog = Catalog::read(&[text.to_owned()], "us-east-1", None).unwrap();

    let model = catalog.resolve("anthropic.claude-new").unwrap();
    assert!(model.features.tools && model.features.images && model.features.streaming);
}
