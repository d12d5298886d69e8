//! Policies as a CloudFormation template in YAML.

use super::comment::comment;
use super::policy::Policy;
use super::policy::Statement;
use super::policy::VERSION;
use super::render::Numbered;
use super::render::reason;
use super::resources::OWN_ACCOUNT;

const HEADER: &str = "\
AWSTemplateFormatVersion: \"2010-09-09\"
Description: What bedrock-gateway needs to call its models
Resources:
";

const STACK_ACCOUNT: &str = "${AWS::AccountId}";

/// A template with these policies, and their ARNs as outputs.
pub(super) fn text(policies: &[Numbered<'_>]) -> String {
    let mut resources = String::new();
    let mut outputs = String::new();
    for (number, policy) in policies {
        let number = number.map_or_else(String::new, |number| number.to_string());
        let id = format!("BedrockGateway{number}");
        resources.push_str(&resource(&id, policy));
        outputs.push_str(&format!(
            "  {id}Arn:\n    Description: ARN to attach to the gateway's role\n    Value: !Ref {id}\n"
        ));
    }
    format!("{HEADER}{resources}Outputs:\n{outputs}")
}

fn resource(id: &str, policy: &Policy) -> String {
    let statements: String = policy.statements.iter().map(statement).collect();
    format!(
        "  {id}:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      \
         Description: What bedrock-gateway needs to call its models\n      PolicyDocument:\n        \
         Version: \"{VERSION}\"\n        Statement:\n{statements}"
    )
}

fn statement(statement: &Statement) -> String {
    let mut text = comment("          ", &reason(statement));
    text.push_str(&format!(
        "          - Sid: {}\n            Effect: Allow\n            Action:\n",
        statement.sid
    ));
    text.push_str(&list("              ", &statement.actions));
    text.push_str("            Resource:\n");
    text.push_str(&list("              ", &statement.resources));
    let conditions = statement.conditions();
    if !conditions.is_empty() {
        text.push_str("            Condition:\n              StringEquals:\n");
    }
    for (key, values) in conditions {
        text.push_str(&format!("                {}:\n", quoted(key)));
        text.push_str(&list("                  ", &values));
    }
    text
}

fn list<T: AsRef<str>>(indent: &str, values: &[T]) -> String {
    let line = |value: &T| format!("{indent}- {}\n", quoted(value.as_ref()));
    values.iter().map(line).collect()
}

/// A string of YAML; one with an account in it is filled in by CloudFormation.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    if !escaped.contains(OWN_ACCOUNT) {
        return format!("\"{escaped}\"");
    }
    format!("!Sub \"{}\"", escaped.replace(OWN_ACCOUNT, STACK_ACCOUNT))
}
