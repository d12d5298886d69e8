//! The policy one finds in guides: every model and profile of the regions.

use super::needs::Need;
use super::pack::actions;
use super::policy::Policy;
use super::policy::Statement;

/// One policy for these needs and for everything of the same kind.
pub(super) fn broad(needs: &[Need]) -> Policy {
    let mut statements: Vec<Statement> = Vec::new();
    for need in needs {
        let (sid, why) = purpose(need);
        let index = statements.iter().position(|s| s.sid == sid);
        let mut statement = match index {
            Some(index) => statements.remove(index),
            None => empty(sid, why),
        };
        for action in actions(&need.purpose) {
            if !statement.actions.contains(&action) {
                statement.actions.push(action);
            }
        }
        let resource = every(&need.resource);
        if !statement.resources.contains(&resource) {
            statement.resources.push(resource);
        }
        statements.insert(index.unwrap_or(statements.len()), statement);
    }
    let mut metadata = empty(
        "BedrockMetadata",
        "For people who look models up. The gateway does not ask for it.",
    );
    metadata.actions = vec!["bedrock:ListFoundationModels", "bedrock:GetFoundationModel"];
    metadata.resources = vec!["*".to_owned()];
    statements.push(metadata);
    Policy { statements }
}

fn empty(sid: &str, why: &str) -> Statement {
    Statement {
        sid: sid.to_owned(),
        actions: Vec::new(),
        resources: Vec::new(),
        profiles: Vec::new(),
        is_for_any_region: false,
        models: Vec::new(),
        why: why.to_owned(),
    }
}

/// Which statement a need goes to, and what that is for.
fn purpose(need: &Need) -> (&'static str, &'static str) {
    match actions(&need.purpose).as_slice() {
        ["bedrock:CountTokens"] => ("BedrockCountTokens", "Tokens of any model are counted."),
        ["bedrock:ApplyGuardrail"] => ("BedrockGuardrails", "Any guardrail is applied."),
        ["bedrock:RenderPrompt"] => ("BedrockPrompts", "Any stored prompt is called."),
        ["bedrock:CallWithBearerToken"] => {
            ("BedrockBearerKey", "The credentials are a Bedrock API key.")
        }
        _ => (
            "BedrockModelAccess",
            "Any model is called in these regions, through a profile or directly, at any price.",
        ),
    }
}

/// All resources of the same kind, account and region.
fn every(arn: &str) -> String {
    match arn.split_once('/') {
        Some((kind, _)) => format!("{kind}/*"),
        None => arn.to_owned(),
    }
}
