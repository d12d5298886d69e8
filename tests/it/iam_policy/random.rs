//! The same rules for registries that nobody wrote: whatever the size, nothing is lost.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::Value;
use serde_json::json;

use super::calls::Called;
use super::rules::ACCOUNT;
use super::rules::REGION;
use super::rules::assert_allowed;
use super::rules::assert_denied;
use super::rules::assert_sound;
use super::rules::least;

const REGIONS: [&str; 5] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
];

/// An entry whose model no other index has.
fn entry(index: usize) -> impl Strategy<Value = Value> {
    let geography = prop_oneof![
        Just("us."),
        Just("apac."),
        Just("us-gov."),
        Just("global."),
        Just("")
    ];
    let destinations = subsequence(&REGIONS[..], 0..=REGIONS.len());
    // Some ids fill a policy nearly alone.
    let length = prop_oneof![9 => 1..60_usize, 1 => 500..1500_usize];
    (
        geography,
        destinations,
        length,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            move |(geography, destinations, length, streams, counts, by_arn)| {
                let id = format!("{geography}maker.model-{index}-{}", "x".repeat(length));
                let mut entry = json!({
                    "modelId": id,
                    "priority": index,
                    "destinationRegions": destinations,
                    "features": {"streaming": streams, "tokenCounting": counts},
                });
                if by_arn && !geography.is_empty() {
                    entry["requiresInferenceProfile"] = true.into();
                    let arn = format!("arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{id}");
                    entry["inferenceProfileArn"] = arn.into();
                }
                entry
            },
        )
}

/// A registry and the names of some of its models.
fn registry() -> impl Strategy<Value = (Value, Vec<String>)> {
    (1..40_usize).prop_flat_map(|count| {
        let entries: Vec<_> = (0..count).map(entry).collect();
        (entries, vec(any::<bool>(), count)).prop_map(|(entries, chosen)| {
            let models: serde_json::Map<String, Value> = entries
                .into_iter()
                .enumerate()
                .map(|(index, entry)| (format!("model-{index}"), entry))
                .collect();
            let named = models
                .keys()
                .zip(&chosen)
                .filter(|(_, is_chosen)| **is_chosen);
            let named = named.map(|(name, _)| name.clone()).collect();
            (json!({ "modelRegistry": models }), named)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn split_policies_allow_exactly_the_chosen_models((registry, named) in registry()) {
        let policies = least(&registry.to_string(), &named);

        assert_sound(&policies);
        for called in Called::all(&registry, REGION, ACCOUNT) {
            if named.is_empty() || named.contains(&called.name) {
                assert_allowed(&policies, &called);
            } else {
                assert_denied(&policies, &called);
            }
        }
    }
}
