//! What AWS asks IAM when a gateway calls the models of a registry file, read from the file itself.
//!
//! Source: the Bedrock user guide on geographic and global cross-region inference, and the service
//! authorization reference, seen 2026-11-22.

use serde_json::Value;

use super::evaluator::Question;

pub(super) const INVOKE: &str = "bedrock:InvokeModel";
pub(super) const STREAM: &str = "bedrock:InvokeModelWithResponseStream";
pub(super) const COUNT: &str = "bedrock:CountTokens";

const PROFILE: &str = "bedrock:InferenceProfileArn";
const REGION: &str = "aws:RequestedRegion";

/// A model of a registry file, as AWS sees it.
#[derive(Clone, Debug)]
pub(super) struct Called {
    pub(super) name: String,
    /// Without a geography.
    pub(super) model_id: String,
    profile: Option<String>,
    is_global: bool,
    /// Regions where a profile runs calls.
    destinations: Vec<String>,
    streams: bool,
    counts: bool,
    region: String,
}

impl Called {
    /// Reads an entry, with what the gateway is told about account and region.
    pub(super) fn of(name: &str, entry: &Value, region: &str, account: &str) -> Self {
        let arn = entry["inferenceProfileArn"]
            .as_str()
            .filter(|_| entry["requiresInferenceProfile"] == true);
        let id = entry["modelId"].as_str().unwrap();
        let (geography, model_id) = match id.split_once('.') {
            Some((geography, rest)) if rest.contains('.') && is_geography(geography) => {
                (Some(geography), rest)
            }
            _ => (None, id),
        };
        let own = |id| format!("arn:aws:bedrock:{region}:{account}:inference-profile/{id}");
        let listed = |key: &str| -> Vec<String> {
            let regions = entry[key].as_array().into_iter().flatten();
            regions.map(|r| r.as_str().unwrap().to_owned()).collect()
        };
        // A file that does not say is taken at the regions it does say.
        let mut destinations = listed("destinationRegions");
        if destinations.is_empty() {
            destinations = listed("regions");
            destinations.push(region.to_owned());
        }
        Self {
            name: name.to_owned(),
            model_id: model_id.to_owned(),
            profile: arn
                .map(str::to_owned)
                .or_else(|| geography.map(|_| own(id))),
            is_global: geography == Some("global"),
            destinations,
            streams: entry["features"]["streaming"] != false,
            counts: entry["features"]["tokenCounting"] == true,
            region: region.to_owned(),
        }
    }

    /// All models of a registry file.
    pub(super) fn all(registry: &Value, region: &str, account: &str) -> Vec<Self> {
        let entries = registry["modelRegistry"].as_object().unwrap();
        let called = entries.iter();
        called
            .map(|(name, entry)| Self::of(name, entry, region, account))
            .collect()
    }

    /// Everything that must be allowed for the gateway's calls.
    pub(super) fn needed(&self) -> Vec<Question> {
        let mut needed = Vec::new();
        for action in [Some(INVOKE), self.streams.then_some(STREAM)]
            .into_iter()
            .flatten()
        {
            needed.extend(self.converse(action));
        }
        if self.counts {
            needed.push(self.count());
        }
        needed
    }

    /// What a call of the model is checked on, wherever it may run.
    pub(super) fn converse(&self, action: &'static str) -> Vec<Question> {
        let Some(profile) = &self.profile else {
            return vec![self.directly(action)];
        };
        let mut questions = vec![Question {
            action,
            resource: profile.clone(),
            context: vec![(REGION, self.region.clone())],
        }];
        let mut behind = |region: &str, requested: &str| {
            questions.push(Question {
                action,
                resource: self.arn(region),
                context: vec![(REGION, requested.to_owned()), (PROFILE, profile.clone())],
            });
        };
        if self.is_global {
            behind(&self.region, &self.region);
            behind("", "unspecified");
        } else {
            for region in &self.destinations {
                behind(region, region);
            }
        }
        questions
    }

    /// A call of the model itself, without a profile.
    pub(super) fn directly(&self, action: &'static str) -> Question {
        Question {
            action,
            resource: self.arn(&self.region),
            context: vec![(REGION, self.region.clone())],
        }
    }

    /// A count of tokens.
    pub(super) fn count(&self) -> Question {
        self.directly(COUNT)
    }

    pub(super) fn has_profile(&self) -> bool {
        self.profile.is_some()
    }

    pub(super) fn streams(&self) -> bool {
        self.streams
    }

    pub(super) fn counts(&self) -> bool {
        self.counts
    }

    fn arn(&self, region: &str) -> String {
        format!(
            "arn:aws:bedrock:{region}::foundation-model/{}",
            self.model_id
        )
    }
}

fn is_geography(word: &str) -> bool {
    [
        "us", "eu", "apac", "jp", "au", "ca", "global", "us-gov", "in",
    ]
    .contains(&word)
}
