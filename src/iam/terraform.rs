//! Policies as Terraform, laid out as `terraform fmt` does.

use super::comment::comment;
use super::policy::Statement;
use super::render::Numbered;
use super::render::reason;
use super::resources::OWN_ACCOUNT;

const CALLER: &str = "data \"aws_caller_identity\" \"current\" {}\n\n";
const CALLER_ACCOUNT: &str = "${data.aws_caller_identity.current.account_id}";

/// Data sources and resources for these policies.
pub(super) fn text(policies: &[Numbered<'_>]) -> String {
    let mut text = String::new();
    if policies.iter().any(|(_, policy)| policy.needs_account()) {
        text.push_str(CALLER);
    }
    for (index, (number, policy)) in policies.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        let (name, label) = number.map_or_else(
            || ("bedrock-gateway".to_owned(), "bedrock_gateway".to_owned()),
            |n| {
                (
                    format!("bedrock-gateway-{n}"),
                    format!("bedrock_gateway_{n}"),
                )
            },
        );
        text.push_str(&format!(
            "data \"aws_iam_policy_document\" \"{label}\" {{\n"
        ));
        let statements: Vec<String> = policy.statements.iter().map(statement).collect();
        text.push_str(&statements.join("\n"));
        text.push_str(&format!(
            "}}\n\nresource \"aws_iam_policy\" \"{label}\" {{\n  name        = \"{name}\"\n  \
             description = \"What bedrock-gateway needs to call its models\"\n  \
             policy      = data.aws_iam_policy_document.{label}.json\n}}\n"
        ));
    }
    text
}

fn statement(statement: &Statement) -> String {
    let mut text = comment("  ", &reason(statement));
    text.push_str(&format!(
        "  statement {{\n    sid    = {}\n    effect = \"Allow\"\n\n",
        quoted(&statement.sid)
    ));
    text.push_str(&list("    ", "actions", &statement.actions));
    text.push('\n');
    text.push_str(&list("    ", "resources", &statement.resources));
    for (key, values) in statement.conditions() {
        text.push_str(&format!(
            "\n    condition {{\n      test     = \"StringEquals\"\n      variable = {}\n\n",
            quoted(key)
        ));
        text.push_str(&list("      ", "values", &values));
        text.push_str("    }\n");
    }
    text.push_str("  }\n");
    text
}

fn list<T: AsRef<str>>(indent: &str, name: &str, values: &[T]) -> String {
    let lines: String = values
        .iter()
        .map(|value| format!("{indent}  {},\n", quoted(value.as_ref())))
        .collect();
    format!("{indent}{name} = [\n{lines}{indent}]\n")
}

/// A string of HCL, in which nothing but the account is a template.
fn quoted(text: &str) -> String {
    let pieces: Vec<String> = text.split(OWN_ACCOUNT).map(escaped).collect();
    format!("\"{}\"", pieces.join(CALLER_ACCOUNT))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace("${", "$${")
        .replace("%{", "%%{")
}
