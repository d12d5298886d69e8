//! What `aws bedrock list-inference-profiles` printed: which models stand behind each profile.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::registry::BedrockArn;
use crate::registry::ResourceKind;

/// The inference profiles of an account in one region, with the models behind each.
///
/// Source of the form: botocore 1.44.8, `ListInferenceProfilesResponse`, seen 2026-11-29. That the
/// list of a global profile has an ARN without a region is from the AWS documentation of global
/// cross-region inference, seen 2026-11-22.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedProfiles {
    /// ARNs of models by the id and by the ARN of the profile.
    models: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    inference_profile_summaries: Vec<Summary>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    inference_profile_id: String,
    inference_profile_arn: String,
    models: Vec<ListedModel>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedModel {
    model_arn: String,
}

impl ListedProfiles {
    /// Reads the text, which must be about profiles that are called in `region`.
    ///
    /// # Errors
    /// Everything that is wrong with the text.
    pub fn parse(text: &str, region: &str) -> Result<Self, Vec<String>> {
        let page: Page = serde_json::from_str(text).map_err(|error| {
            vec![format!(
                "is not what `aws bedrock list-inference-profiles --output json` prints: {error}"
            )]
        })?;
        let mut problems = Vec::new();
        let mut models = BTreeMap::new();
        for (index, summary) in page.inference_profile_summaries.into_iter().enumerate() {
            let place = format!("inferenceProfileSummaries[{index}]");
            let arn = summary.inference_profile_arn;
            if let Err(problem) = check_profile(&arn, region) {
                problems.push(format!("{place}.inferenceProfileArn: {problem}"));
            }
            for (index, model) in summary.models.iter().enumerate() {
                if let Err(problem) = check_model(&model.model_arn, region) {
                    problems.push(format!("{place}.models[{index}].modelArn: {problem}"));
                }
            }
            let behind: Vec<String> = summary.models.into_iter().map(|m| m.model_arn).collect();
            models.insert(summary.inference_profile_id, behind.clone());
            models.insert(arn, behind);
        }
        if problems.is_empty() {
            Ok(Self { models })
        } else {
            Err(problems)
        }
    }

    /// ARNs of the models behind the profile with this id or ARN.
    pub(super) fn behind(&self, id_or_arn: &str) -> Option<&[String]> {
        self.models.get(id_or_arn).map(Vec::as_slice)
    }
}

fn check_profile(text: &str, region: &str) -> Result<(), String> {
    let arn = BedrockArn::parse(text).map_err(|problems| problems.join(", "))?;
    match arn.kind {
        ResourceKind::InferenceProfile | ResourceKind::ApplicationInferenceProfile => {}
        ResourceKind::FoundationModel | ResourceKind::Prompt | ResourceKind::Other => {
            return Err(format!("{text:?} is not that of an inference profile"));
        }
    }
    if arn.region == region {
        Ok(())
    } else {
        Err(format!(
            "is of {}; must be of {region}, the configured AWS region: list with --region {region}",
            arn.region
        ))
    }
}

fn check_model(text: &str, region: &str) -> Result<(), String> {
    // The model behind a global profile has no region. With one, the rest is checked like any.
    let placed = match text.split_once(":bedrock::") {
        Some((start, end)) => format!("{start}:bedrock:{region}:{end}"),
        None => text.to_owned(),
    };
    let arn = BedrockArn::parse(&placed).map_err(|problems| problems.join(", "))?;
    if arn.kind == ResourceKind::FoundationModel {
        Ok(())
    } else {
        Err(format!("{text:?} is not that of a foundation model"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(profile: &str, models: &[&str]) -> String {
        let models: Vec<_> = models
            .iter()
            .map(|arn| serde_json::json!({"modelArn": arn}))
            .collect();
        serde_json::json!({"inferenceProfileSummaries": [{
            "inferenceProfileName": "US Nova Pro",
            "inferenceProfileId": "us.amazon.nova-pro-v1:0",
            "inferenceProfileArn": profile,
            "models": models,
            "status": "ACTIVE",
            "type": "SYSTEM_DEFINED",
        }]})
        .to_string()
    }

    #[test]
    fn the_models_behind_a_profile_are_found_by_id_and_by_arn() {
        let arn =
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0";
        let models = [
            "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
            "arn:aws:bedrock:::foundation-model/amazon.nova-pro-v1:0",
        ];

        let listed = ListedProfiles::parse(&page(arn, &models), "us-east-1").unwrap();

        assert_eq!(listed.behind("us.amazon.nova-pro-v1:0").unwrap(), models);
        assert_eq!(listed.behind(arn).unwrap(), models);
        assert_eq!(listed.behind("eu.amazon.nova-pro-v1:0"), None);
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let text = page(
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0",
            &[
                "arn:aws:bedrock:*::foundation-model/*",
                "arn:aws:s3:::bucket",
            ],
        );

        let problems = ListedProfiles::parse(&text, "us-east-1").unwrap_err();

        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].starts_with("inferenceProfileSummaries[0].inferenceProfileArn: "));
        assert!(problems[1].starts_with("inferenceProfileSummaries[0].models[0].modelArn: "));
        assert!(problems[2].starts_with("inferenceProfileSummaries[0].models[1].modelArn: "));
    }

    #[test]
    fn something_else_is_not_taken_for_a_list() {
        let problems = ListedProfiles::parse("{}", "us-east-1").unwrap_err();

        assert!(
            problems[0].contains("list-inference-profiles"),
            "{problems:?}"
        );
    }
}
