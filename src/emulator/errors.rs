//! What Bedrock answers when it refuses: names, statuses, default texts, the JSON and its headers.
//!
//! It does not decide when to refuse; `validate` and the scenarios do.

use bytes::Bytes;
use http::StatusCode;
use serde_json::Map;
use serde_json::Value;

/// Suffix that the service puts behind the name in `x-amzn-ErrorType`.
const ERROR_TYPE_SUFFIX: &str = ":http://internal.amazon.com/coral/com.amazon.bedrock/";

/// One refusal, before anything of a reply was sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) name: String,
    pub(super) status: StatusCode,
    pub(super) message: String,
    /// Members beside the message, such as `originalStatusCode`.
    pub(super) members: Vec<(String, Value)>,
    pub(super) retry_after: Option<String>,
    /// The layer that checks signatures spells its member `Message`.
    from_auth_layer: bool,
}

impl Refusal {
    /// A refusal with the status that belongs to the name.
    pub(super) fn new(name: &str, message: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            status: status_of(name),
            message: message.into(),
            members: Vec::new(),
            retry_after: None,
            from_auth_layer: false,
        }
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// A validation error that the model's own API reported.
    pub(super) fn from_model(message: impl AsRef<str>) -> Self {
        let message = message.as_ref();
        Self::validation(format!(
            "The model returned the following errors: {message}"
        ))
    }

    /// The phrase of Converse for a member that a model does not know.
    pub(super) fn unsupported_field(field: &str) -> Self {
        Self::validation(format!(
            "This model doesn't support the {field} field. Remove {field} and try again."
        ))
    }

    pub(super) fn authentication(name: &str, message: impl Into<String>) -> Self {
        Self {
            from_auth_layer: true,
            ..Self::new(name, message)
        }
    }

    /// What Coral services answer on a path they do not serve.
    pub(super) fn unknown_operation() -> Self {
        Self::new(UNKNOWN_OPERATION, "")
    }

    /// Value of the header `x-amzn-ErrorType`.
    pub(super) fn error_type(&self) -> String {
        if self.name == UNKNOWN_OPERATION {
            return self.name.clone();
        }
        format!("{}{ERROR_TYPE_SUFFIX}", self.name)
    }

    pub(super) fn body(&self) -> Bytes {
        if self.name == UNKNOWN_OPERATION {
            return Bytes::from_static(
                br#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#,
            );
        }
        let key = if self.from_auth_layer {
            "Message"
        } else {
            "message"
        };
        let mut body = Map::new();
        body.insert(key.to_owned(), Value::String(self.message.clone()));
        body.extend(self.members.clone());
        Bytes::from(Value::Object(body).to_string())
    }
}

const UNKNOWN_OPERATION: &str = "UnknownOperationException";

/// HTTP status of an exception, by its name in either spelling.
///
/// Source: the service's API model as shipped with botocore 1.44.5, and the page "Troubleshooting
/// Amazon Bedrock API Error Codes", seen 2026-11-22.
pub(super) fn status_of(name: &str) -> StatusCode {
    match upper_camel(name).as_str() {
        "AccessDeniedException"
        | "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "MPAgreementBeingCreated" => StatusCode::FORBIDDEN,
        "ResourceNotFoundException" | UNKNOWN_OPERATION => StatusCode::NOT_FOUND,
        "ModelTimeoutException" => StatusCode::REQUEST_TIMEOUT,
        "ModelErrorException" | "ModelStreamErrorException" => StatusCode::FAILED_DEPENDENCY,
        "ThrottlingException" | "ModelNotReadyException" => StatusCode::TOO_MANY_REQUESTS,
        "InternalServerException" | "InternalFailure" => StatusCode::INTERNAL_SERVER_ERROR,
        "ServiceUnavailableException" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// The text the service sends with an exception, by its name in either spelling.
pub(super) fn default_message(name: &str) -> &'static str {
    match upper_camel(name).as_str() {
        "AccessDeniedException" => {
            "You don't have access to the model with the specified model ID."
        }
        "UnrecognizedClientException" => "The security token included in the request is invalid.",
        "ExpiredTokenException" => "The security token included in the request is expired",
        "InvalidSignatureException" => SIGNATURE_MISMATCH,
        "MissingAuthenticationTokenException" => "Missing Authentication Token",
        "ResourceNotFoundException" => {
            "Could not resolve the foundation model from the provided model identifier."
        }
        "ModelTimeoutException" => {
            "Model has timed out in processing the request. Try your request again."
        }
        "ModelNotReadyException" => "Model is not ready for inference. Please try again later.",
        "ThrottlingException" => "Too many requests, please wait before trying again.",
        "ServiceUnavailableException" => "Bedrock is unable to process your request.",
        "ServiceQuotaExceededException" => {
            "Your request exceeds the service quota for your account."
        }
        "ValidationException" => "Validation Error",
        _ => {
            "The system encountered an unexpected error during processing. Try your request again."
        }
    }
}

/// The service adds the canonical request to this text, session token included; this does not.
pub(super) const SIGNATURE_MISMATCH: &str = "The request signature we calculated does not match the \
    signature you provided. Check your AWS Secret Access Key and signing method. Consult the service \
    documentation for details.";

/// `throttlingException` in a stream is `ThrottlingException` before it.
fn upper_camel(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_name_have_the_same_status() {
        assert_eq!(status_of("ThrottlingException"), 429);
        assert_eq!(status_of("throttlingException"), 429);
        assert_eq!(status_of("modelTimeoutException"), 408);
    }

    #[test]
    fn only_the_authentication_layer_spells_message_with_a_capital() {
        let ordinary = Refusal::validation("no");
        let authentication = Refusal::authentication("UnrecognizedClientException", "no");

        assert_eq!(ordinary.body(), r#"{"message":"no"}"#);
        assert_eq!(authentication.body(), r#"{"Message":"no"}"#);
    }
}
