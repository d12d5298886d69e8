//! Which operation a request path means.
//!
//! Works on the path as received: a model id is one percent-encoded segment, and clients differ in
//! what they encode.

use http::Method;

/// The operations of the Runtime that the emulator serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Converse,
    ConverseStream,
    InvokeModel,
    InvokeModelWithResponseStream,
    CountTokens,
}

impl Operation {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Converse => "Converse",
            Self::ConverseStream => "ConverseStream",
            Self::InvokeModel => "InvokeModel",
            Self::InvokeModelWithResponseStream => "InvokeModelWithResponseStream",
            Self::CountTokens => "CountTokens",
        }
    }

    pub(super) fn is_streamed(self) -> bool {
        matches!(
            self,
            Self::ConverseStream | Self::InvokeModelWithResponseStream
        )
    }
}

/// The operation and the decoded model id of a request.
pub(super) fn operation(method: &Method, raw_path: &str) -> Option<(Operation, String)> {
    if method != Method::POST {
        return None;
    }
    let (id, action) = raw_path.strip_prefix("/model/")?.rsplit_once('/')?;
    let operation = match action {
        "converse" => Operation::Converse,
        "converse-stream" => Operation::ConverseStream,
        "invoke" => Operation::InvokeModel,
        "invoke-with-response-stream" => Operation::InvokeModelWithResponseStream,
        "count-tokens" => Operation::CountTokens,
        _ => return None,
    };
    (!id.is_empty()).then(|| (operation, percent_decoded(id)))
}

/// The text behind `%3A` and the like; what is no valid escape stays as it is.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = match tail {
            [high, low, after @ ..] if *first == b'%' => hex_digit(*high)
                .zip(hex_digit(*low))
                .map(|(high, low)| (high << 4 | low, after)),
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_one_segment_whether_its_slash_is_encoded_or_not() {
        let encoded =
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.a-v1%3A0/converse";
        let plain = "/model/arn:aws:bedrock:us-east-1:1:inference-profile/us.a-v1:0/converse";

        let expected = "arn:aws:bedrock:us-east-1:1:inference-profile/us.a-v1:0";
        for path in [encoded, plain] {
            let (operation, id) = operation(&Method::POST, path).unwrap();
            assert_eq!((operation, id.as_str()), (Operation::Converse, expected));
        }
    }

    #[test]
    fn other_paths_and_methods_mean_nothing() {
        assert_eq!(operation(&Method::GET, "/model/a/converse"), None);
        assert_eq!(operation(&Method::POST, "/model/a/dance"), None);
        assert_eq!(operation(&Method::POST, "/model/converse"), None);
    }

    #[test]
    fn broken_escapes_stay_as_they_are() {
        assert_eq!(percent_decoded("a%3Ab%zz%4"), "a:b%zz%4");
    }
}
