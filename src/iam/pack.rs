//! Needs to statements, and statements to policies that are small enough.

use super::needs::Need;
use super::needs::Purpose;
use super::policy::MAX_SIZE;
use super::policy::Policy;
use super::policy::Statement;
use super::wanted::TooLarge;

const INVOKE: &str = "bedrock:InvokeModel";
const INVOKE_STREAM: &str = "bedrock:InvokeModelWithResponseStream";

/// Spreads needs over policies. What belongs together, the needs of one model, stays together as
/// far as it fits; the order is that of the models.
///
/// # Errors
/// [`TooLarge`] if a single resource does not fit into a policy.
pub(super) fn pack(groups: Vec<Vec<Need>>) -> Result<Vec<Policy>, TooLarge> {
    let mut full = Vec::new();
    let mut open: Vec<Need> = Vec::new();
    for group in groups {
        if fits(&[&open[..], &group[..]].concat()) {
            open.extend(group);
        } else if fits(&group) {
            full.push(std::mem::replace(&mut open, group));
        } else {
            for need in group {
                open.push(need);
                if fits(&open) {
                    continue;
                }
                let Some(last) = open.pop() else { continue };
                if !fits(std::slice::from_ref(&last)) {
                    return Err(TooLarge::of(&last));
                }
                full.push(std::mem::replace(&mut open, vec![last]));
            }
        }
    }
    full.push(open);
    let policies = full.iter().filter(|needs| !needs.is_empty());
    Ok(policies.map(|needs| policy(needs)).collect())
}

fn fits(needs: &[Need]) -> bool {
    policy(needs).size() <= MAX_SIZE
}

/// One policy with all these needs.
fn policy(needs: &[Need]) -> Policy {
    let mut groups: Vec<(&Purpose, Statement)> = Vec::new();
    for need in needs {
        let known = groups
            .iter_mut()
            .find(|(purpose, _)| **purpose == need.purpose);
        match known {
            Some((_, statement)) => add(statement, need),
            None => {
                let mut statement = empty(&need.purpose);
                add(&mut statement, need);
                groups.push((&need.purpose, statement));
            }
        }
    }
    groups.sort_by_key(|(purpose, _)| rank(purpose));
    let mut statements: Vec<Statement> = groups.into_iter().map(|(_, s)| s).collect();
    number(&mut statements);
    Policy { statements }
}

/// Joins a need to a statement of its purpose.
///
/// Several profiles and the models behind all of them share a statement. That allows no more than
/// one statement for each would: a profile leads to its own model only.
fn add(statement: &mut Statement, need: &Need) {
    let once = |list: &mut Vec<String>, text: &str| {
        if !text.is_empty() && !list.iter().any(|known| known == text) {
            list.push(text.to_owned());
        }
    };
    once(&mut statement.resources, &need.resource);
    once(&mut statement.models, &need.model);
    once(
        &mut statement.profiles,
        need.profile.as_deref().unwrap_or_default(),
    );
}

/// Makes equal Sids differ: the second of them gets a 2.
fn number(statements: &mut [Statement]) {
    let sids: Vec<String> = statements.iter().map(|s| s.sid.clone()).collect();
    for (index, statement) in statements.iter_mut().enumerate() {
        let earlier = sids.iter().take(index).filter(|sid| **sid == statement.sid);
        let number = earlier.count() + 1;
        if number > 1 {
            statement.sid.push_str(&number.to_string());
        }
    }
}

/// Place in a policy.
fn rank(purpose: &Purpose) -> u8 {
    match purpose {
        Purpose::Profiles { .. } => 0,
        Purpose::BehindProfiles { .. } => 1,
        Purpose::Anywhere { .. } => 2,
        Purpose::Models { .. } => 3,
        Purpose::Others { .. } => 4,
        Purpose::Prompts => 5,
        Purpose::Counting => 6,
        Purpose::Guardrails => 7,
        Purpose::BearerKey => 8,
    }
}

/// A statement of this purpose, without resources.
fn empty(purpose: &Purpose) -> Statement {
    Statement {
        sid: sid(purpose),
        actions: actions(purpose),
        resources: Vec::new(),
        profiles: Vec::new(),
        is_for_any_region: matches!(purpose, Purpose::Anywhere { .. }),
        models: Vec::new(),
        why: why(purpose),
    }
}

/// What is done for this purpose.
pub(super) fn actions(purpose: &Purpose) -> Vec<&'static str> {
    match purpose {
        Purpose::Profiles { streams }
        | Purpose::Models { streams }
        | Purpose::Others { streams }
        | Purpose::BehindProfiles { streams, .. }
        | Purpose::Anywhere { streams } => {
            if *streams {
                vec![INVOKE, INVOKE_STREAM]
            } else {
                vec![INVOKE]
            }
        }
        Purpose::Prompts => vec!["bedrock:RenderPrompt"],
        Purpose::Counting => vec!["bedrock:CountTokens"],
        Purpose::Guardrails => vec!["bedrock:ApplyGuardrail"],
        Purpose::BearerKey => vec!["bedrock:CallWithBearerToken"],
    }
}

fn sid(purpose: &Purpose) -> String {
    let invoke = |what: &str, streams: bool| {
        let ending = if streams { "" } else { "Unstreamed" };
        format!("Invoke{what}{ending}")
    };
    match purpose {
        Purpose::Profiles { streams } => invoke("Profiles", *streams),
        Purpose::BehindProfiles { scope, streams, .. } => {
            invoke(&format!("Behind{}Profiles", in_camel_case(scope)), *streams)
        }
        Purpose::Anywhere { streams } => invoke("Anywhere", *streams),
        Purpose::Models { streams } => invoke("Models", *streams),
        Purpose::Others { streams } => invoke("Others", *streams),
        Purpose::Prompts => "RenderPrompts".to_owned(),
        Purpose::Counting => "CountTokens".to_owned(),
        Purpose::Guardrails => "ApplyGuardrails".to_owned(),
        Purpose::BearerKey => "CallWithBearerKey".to_owned(),
    }
}

/// "us-gov" as "UsGov".
fn in_camel_case(text: &str) -> String {
    let mut camel = String::new();
    for word in text.split('-') {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

fn why(purpose: &Purpose) -> String {
    match purpose {
        Purpose::Profiles { .. } => {
            "These inference profiles are called, in the region where the gateway calls Bedrock. A \
             profile belongs to the account that calls it."
                .to_owned()
        }
        Purpose::BehindProfiles { scope, .. } if scope == "global" => {
            "A call of a global profile is also checked on the model in the region where the \
             gateway calls Bedrock. The condition lets the model be reached through the profile \
             only."
                .to_owned()
        }
        Purpose::BehindProfiles { regions, .. } => format!(
            "A profile runs each call in one of its regions, {}, and AWS checks the model there, \
             too: with a region missing, some calls are denied. The condition lets the model be \
             reached through the profile only.",
            regions.join(", ")
        ),
        Purpose::Anywhere { .. } => {
            "A global profile runs a call in whichever region has room. AWS checks that on a model \
             without a region, and calls the region \"unspecified\"."
                .to_owned()
        }
        Purpose::Models { .. } => "These models are called without a profile.".to_owned(),
        Purpose::Others { .. } => "These are called by their ARNs.".to_owned(),
        Purpose::Prompts => {
            "These stored prompts are called; Bedrock fills in their variables.".to_owned()
        }
        Purpose::Counting => {
            "CountTokens takes the model itself, never a profile. It generates nothing.".to_owned()
        }
        Purpose::Guardrails => "Callers may name these guardrails in a request.".to_owned(),
        Purpose::BearerKey => {
            "The gateway's credentials are a Bedrock API key (AWS_BEARER_TOKEN_BEDROCK). This \
             action knows no resources; what may be called with the key is said by the others."
                .to_owned()
        }
    }
}
