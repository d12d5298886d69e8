//! What an operator can do when AWS rejects the credentials or the id of a model, by the
//! exception's name.

/// What to do about rejected credentials, as the end of a sentence.
pub fn advice(exception: &str, uses_bearer_token: bool) -> &'static str {
    // Signatures are never rejected under the name of a missing right.
    if uses_bearer_token || exception == "AccessDeniedException" {
        return "the API key in AWS_BEARER_TOKEN_BEDROCK is wrong or has expired; make a new one \
                and restart";
    }
    match exception {
        "ExpiredToken" | "ExpiredTokenException" => {
            "they have expired; renew the session, profile or role that they come from"
        }
        "UnrecognizedClientException" | "InvalidClientTokenId" => {
            "the access key or the session token is not known; check AWS_ACCESS_KEY_ID and \
             AWS_SESSION_TOKEN or the profile, and that the key is active"
        }
        "RequestTimeTooSkewed" | "RequestExpired" => {
            "calls arrive too long after they were signed; synchronize the clock of this machine"
        }
        "InvalidSignatureException" | "SignatureDoesNotMatch" => {
            "the signature is wrong; check that AWS_SECRET_ACCESS_KEY belongs to the access key, \
             that bedrock.region is that of the endpoint, that the clock is right, and that no \
             proxy changes requests"
        }
        "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignature"
        | "IncompleteSignatureException" => {
            "calls arrive without a whole signature; check that no proxy changes headers"
        }
        _ => "check the credentials that the AWS SDK finds",
    }
}

/// What to do about an id that Bedrock does not call, if the exception says more than that.
pub fn advice_on_target(exception: &str) -> Option<&'static str> {
    match exception {
        "ValidationException" | "ValidationError" => Some(
            "Bedrock does not call the model by the id in the registry: most models are called by \
             an inference profile; set requiresInferenceProfile and inferenceProfileArn, or a \
             modelId that begins with a geography, such as us.anthropic.claude-…",
        ),
        _ => None,
    }
}
