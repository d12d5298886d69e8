use super::*;
use crate::routing::fixtures::prompt;

fn tokens(text: &str) -> u64 {
    let request = InvokeRequest {
        prompt: text.to_owned(),
        ..prompt()
    };
    least_input_tokens(&request)
}

#[test]
fn prose_counts_less_than_any_tokenizer_counts() {
    let prose = "The quick brown fox jumps over the lazy dog. ".repeat(100);
    let words = u64::try_from(prose.split_whitespace().count()).unwrap();

    assert!(tokens(&prose) > 0);
    assert!(tokens(&prose) < words);
}

#[test]
fn what_a_token_can_hold_hundreds_of_does_not_count() {
    let blanks = " \n".repeat(10_000);
    let ruler = "-".repeat(10_000);

    assert_eq!(tokens(&blanks), 0);
    assert_eq!(tokens(&ruler), 0);
}

#[test]
fn characters_count_and_not_their_bytes() {
    let hindi = "\u{928}\u{92e}".repeat(800);

    assert_eq!(hindi.len(), 4_800);
    assert_eq!(tokens(&hindi), 200);
}

#[test]
fn bound_without_a_look_at_the_text_is_never_below_the_estimate() {
    for text in ["", "abc", "The quick brown fox", "\u{928}\u{92e}\u{938}"] {
        let text = text.repeat(1_000);

        assert!(most_least_tokens(text.len()) >= tokens(&text));
    }
}
